"""Objects under a URI: a local folder, or any S3-compatible store."""
