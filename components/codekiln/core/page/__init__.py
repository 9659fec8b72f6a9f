"""page: what all pages of this product share: their look, and how a person reads numbers."""
