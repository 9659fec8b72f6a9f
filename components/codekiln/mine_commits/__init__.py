"""mine_commits: a git repository in, one record a commit out."""
