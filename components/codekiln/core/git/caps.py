"""How much is kept of what git shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of a diff is kept; counts are of all of it."""

    file_bytes: int = 32 << 10
    commit_bytes: int = 512 << 10
    files: int = 10_000
