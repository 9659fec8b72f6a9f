"""Texts of lines with near copies of a planted Jaccard likeness of their two-line shingles."""

import itertools
import random
from collections.abc import Sequence


def chance(seed: int) -> random.Random:
    """Return chance that is the same in each run."""
    return random.Random(seed)  # noqa: S311 -- nothing is kept secret


def line(chance: random.Random) -> str:
    return f"\tx{chance.getrandbits(40):x} := call(y{chance.getrandbits(40):x})"


def text(chance: random.Random, lines: int) -> list[str]:
    return [line(chance) for _ in range(lines)]


def copy(chance: random.Random, lines: Sequence[str], likeness: float) -> list[str]:
    """Change lines at the end until the likeness of shingles is about `likeness`.

    With n shingles of which the last k differ on each side it is (n - k) / (n + k).
    """
    shingles = len(lines) - 1
    changed = round(shingles * (1 - likeness) / (1 + likeness))
    return [*lines[: len(lines) - changed], *text(chance, changed)]


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the true Jaccard likeness of the two-line shingles."""
    ours, theirs = (
        {tuple("".join(part.split()) for part in pair) for pair in itertools.pairwise(t)}
        for t in (one, other)
    )
    return len(ours & theirs) / len(ours | theirs)
