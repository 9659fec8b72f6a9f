"""tokenize: commits in time order become one row of tokens, cut into overlapping windows."""
