"""Models that more than one phase builds, trains or reads."""
