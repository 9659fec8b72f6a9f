"""Pins one version of collected pull requests, so that a run works with it and it stays."""
