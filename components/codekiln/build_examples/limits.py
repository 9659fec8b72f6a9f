"""How much of a pull request is kept, and which of its files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an example may hold; characters and counts, `file_bytes` of a file's UTF-8."""

    code_chars: int = 1400
    context_chars: int = 1400
    details_chars: int = 4000
    steps: int = 5
    examples: int = 20
    file_bytes: int = 512 << 10
    tests: bool = False
