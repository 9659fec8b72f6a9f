"""A few examples and rejects for people to look at, drawn by a seed."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pyarrow.parquet as pq

from codekiln.core.corpus import examples
from codekiln.core.corpus.example_source import Part, Source
from codekiln.core.corpus.examples import Example

CHUNK_ROWS = 64
EACH = 2
"""Rejects that are shown of each reason."""
CONTAMINATED = "contaminated"
"""The reason whose detail begins with the name of a benchmark."""


@dataclass(frozen=True, slots=True)
class Reject:
    """An example that went, and why."""

    example: Example
    reason: str
    detail: str


@dataclass
class Rejects:
    """What is known of those that were written out, which are not all."""

    written: Counter[str] = field(default_factory=Counter)
    """By reason."""
    benchmarks: Counter[str] = field(default_factory=Counter)
    """Of the contaminated, by benchmark."""
    shown: list[Reject] = field(default_factory=list)


def drawn(source: Source, many: int, seed: int) -> list[Example]:
    """Draw `many` examples of `source`, each as likely as any other, in their order."""
    draw = random.Random(seed)  # noqa: S311 -- no secret
    places = sorted(draw.sample(range(source.rows), min(many, source.rows)))
    located = list(_located(source.parts, places))
    found: list[Example] = []
    for part, some in groupby(located, lambda pair: pair[0]):
        with part.file() as path:
            found += picked(path, [row for _, row in some])
    return found


def _located(parts: Sequence[Part], places: Sequence[int]) -> Iterator[tuple[Part, int]]:
    left, first = list(places), 0
    for part in parts:
        here = [place for place in left if place < first + part.rows]
        yield from ((part, place - first) for place in here)
        left, first = left[len(here) :], first + part.rows


def picked(path: Path, wanted: Sequence[int]) -> Iterator[Example]:
    """Yield the examples with these numbers of one file, ascending."""
    first = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(CHUNK_ROWS):
            for row in wanted:
                if first <= row < first + len(batch):
                    yield examples.from_row(batch.slice(row - first, 1).to_pylist()[0])
            first += len(batch)
            if first > wanted[-1]:
                return


def rejects(folder: Path, seed: int) -> Rejects:
    """Draw some of each reason of those that lie in `folder`, which may be none."""
    found = Rejects()
    draw = random.Random(seed)  # noqa: S311 -- no secret
    by_reason: dict[str, list[Reject]] = {}
    for path in sorted(folder.glob(examples.REJECTS)):
        for row in examples.rows_of(path):
            told = Reject(examples.from_row(row), row["reason"], row.get("detail", ""))
            found.written[told.reason] += 1
            _keep(by_reason.setdefault(told.reason, []), told, found.written[told.reason], draw)
            if told.reason == CONTAMINATED:
                found.benchmarks[told.detail.split(" ")[0]] += 1
    found.shown = [one for reason in sorted(by_reason) for one in by_reason[reason]]
    return found


def _keep(held: list[Reject], told: Reject, number: int, draw: random.Random) -> None:
    """Keep EACH of a stream, each as likely as any other (Vitter's algorithm R)."""
    if len(held) < EACH:
        held.append(told)
    elif (at := draw.randrange(number)) < EACH:
        held[at] = told
