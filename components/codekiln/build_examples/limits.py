"""How much of a pull request is kept, and which of its files."""

from dataclasses import dataclass

from codekiln.build_examples.settings import Settings


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


def of(settings: Settings) -> Limits:
    """Return `settings` as limits."""
    return Limits(
        code_chars=settings.max_code_chars,
        context_chars=settings.max_context_chars,
        details_chars=settings.max_details_chars,
        steps=settings.max_steps,
        examples=settings.max_examples,
        file_bytes=settings.max_file_kib << 10,
        tests=settings.tests,
    )
