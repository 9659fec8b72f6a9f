"""embed_commits: commit texts become vectors, as numpy arrays and as Qdrant points."""
