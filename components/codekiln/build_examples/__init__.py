"""build_examples: collected pull requests in, examples (problem to solution) out."""
