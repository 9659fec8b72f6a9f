"""Versioned data sets: content-addressed shards of rows under a URI, committed atomically."""
