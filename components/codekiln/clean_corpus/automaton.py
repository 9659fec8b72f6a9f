"""Regular expressions on bytes that take time linear in the text, whatever the two are (RE2).

Python's own engine backtracks: a text made for the purpose can keep it busy for years.
"""

from collections.abc import Iterator
from typing import Protocol

# It ships no types; the protocols below are what is used of it.
import re2  # type: ignore[import-untyped, unused-ignore]

MEMORY = 64 << 20
"""Bytes that one automaton may remember of itself; it forgets and goes on where that is too few."""


class Match(Protocol):
    """A place that an expression describes."""

    def group(self, number: int = 0) -> bytes:
        """Return the bytes of a group; 0 is all of them."""

    def span(self, number: int = 0) -> tuple[int, int]:
        """Return where a group begins and ends."""

    def start(self) -> int:
        """Return where it begins."""

    def end(self) -> int:
        """Return where it ends."""


class Expression(Protocol):
    """A compiled expression."""

    def search(self, text: bytes) -> Match | None:
        """Return the first match."""

    def match(self, text: bytes) -> Match | None:
        """Return the match at the beginning."""

    def fullmatch(self, text: bytes) -> Match | None:
        """Return the match of the whole text."""

    def finditer(self, text: bytes) -> Iterator[Match]:
        """Yield the matches that do not overlap."""

    def sub(self, replacement: bytes, text: bytes) -> bytes:
        """Return `text` with each match replaced."""


def compiled(expression: str) -> Expression:
    """Return an expression on bytes of whatever encoding."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MEMORY
    made: Expression = re2.compile(expression.encode(), options)
    return made
