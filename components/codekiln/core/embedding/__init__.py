"""Texts as vectors: the model that makes them, and the files that keep them."""
