"""Holds the examples that were made in parts against the pull requests, and hands them on."""
