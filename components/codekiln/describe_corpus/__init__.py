"""describe_corpus: the data card: what the corpus holds, where it came from, what went, and why."""
