"""A pipeline on this machine: the compiled package, its steps as processes or as containers."""
