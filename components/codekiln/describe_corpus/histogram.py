"""Lengths as columns of one width, with a scale that people read."""

from collections.abc import Mapping
from dataclasses import dataclass

from codekiln.core.page import words
from codekiln.describe_corpus.lengths import Lengths

COLUMNS = 24
STEPS = (1, 2, 3, 4, 5, 6, 8, 10)
TITLES = {"whole": "Whole examples"}
MOST = 0.99
"""Share of the lengths that has columns of its own; the rest is the last one's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: what it is of, and how many."""

    name: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """A drawing; `note` says it in numbers."""

    title: str
    style: str
    columns: list[Column]
    first: str
    last: str
    note: str


def of_lengths(title: str, lengths: Lengths, unit: str) -> Histogram:
    """Draw lengths."""
    width = nice(max(lengths.quantile(MOST), 1) / COLUMNS)
    edges = [*range(0, lengths.quantile(MOST) + 1, width)] or [0]
    columns = [
        Column(name=f"{one.first:,} to {one.last:,} {unit}", count=one.count)
        for one in lengths.bins(edges)
    ]
    note = (
        f"half have at most {words.count(lengths.quantile(0.5))}, 95 % at most "
        f"{words.count(lengths.quantile(0.95))}; the longest {words.count(lengths.longest)}"
    )
    last = f"{edges[-1]:,} {unit} and more"
    return Histogram(
        title=TITLES.get(title, title),
        style=title,
        columns=columns,
        first="0",
        last=last,
        note=note,
    )


def of_counts(title: str, counted: Mapping[int, int], unit: str) -> Histogram:
    """Draw whole numbers, a column each, from the lowest to the highest."""
    low, high = min(counted, default=0), max(counted, default=0)
    columns = [
        Column(name=f"{value} {unit}", count=counted.get(value, 0))
        for value in range(low, high + 1)
    ]
    total = sum(counted.values())
    mean = sum(value * count for value, count in counted.items()) / max(total, 1)
    return Histogram(
        title=title,
        style="second",
        columns=columns,
        first=str(low),
        last=f"{high} {unit}",
        note=f"{mean:.1f} on average",
    )


def nice(width: float) -> int:
    """Return the next round number, one of STEPS times a power of ten, from `width` up."""
    scale = 1
    while True:
        for step in STEPS:
            if step * scale >= width:
                return step * scale
        scale *= 10
