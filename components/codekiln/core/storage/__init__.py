"""Objects under a URI: a local folder, or (later) an S3-compatible store."""
