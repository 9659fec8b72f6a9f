"""What was made from what: manifests as a graph, whose edges are digests."""
