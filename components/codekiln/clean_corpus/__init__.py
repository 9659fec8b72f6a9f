"""clean_corpus: examples in; out go what should not be learned, secrets, duplicates, benchmarks."""
