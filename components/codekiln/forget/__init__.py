"""Takes a repository out of all data, keeps it out, and tells what had seen it."""
