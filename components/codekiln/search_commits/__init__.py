"""search_commits: answers a question in plain words with commits; no step of a pipeline."""
