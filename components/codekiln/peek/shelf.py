"""Rows that lie in Parquet files of a store: found by filters, drawn by chance, read where wanted.

Files are opened in their order, as far as needed, and of each only the columns that a filter asks
for are read before a row is wanted.
"""

import contextlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import Objects
from codekiln.peek import filters, ranged
from codekiln.peek.filters import Tests

Row = dict[str, Any]
Drawn = TypeVar("Drawn")

CHUNK_ROWS = 64
"""Rows that are Python objects at one time, whole ones."""
SCAN_ROWS = 1024
"""Rows of which only the columns of filters are read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of rows; `rows` is None where nobody counted them yet."""

    store: Objects
    name: str
    rows: int | None = None
    owner: str = ""
    """The repository that all of its rows are of, "" where the rows tell."""

    @contextlib.contextmanager
    def open(self) -> Iterator[pq.ParquetFile]:
        """Open it by ranges; raises InputError if it is no Parquet."""
        with ranged.opened(self.store, self.name) as file:
            try:
                yield pq.ParquetFile(file, pre_buffer=False)
            except pa.ArrowInvalid as error:
                place = self.store.location(self.name)
                raise InputError(
                    f"{place} is no Parquet file, or cut ({error}); write it again"
                ) from error

    def count(self) -> int:
        """Return how many rows it has."""
        if self.rows is not None:
            return self.rows
        with self.open() as file:
            return int(file.metadata.num_rows)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a row lies: which part, counted from 0, and which of its rows."""

    part: int
    row: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Parts in order, which may be listed only as they are come to, and what is wanted."""

    parts: Iterable[Part]
    wanted: Mapping[str, str]
    """Values by column, as `filters.bound` takes them."""

    def first(self, many: int) -> list[Row]:
        """Return the first rows that pass; no part is opened that is not needed."""
        seen: list[Part] = []
        return _rows(seen, list(islice(self._places(seen), many)))

    def sample(self, many: int, seed: int) -> list[Row]:
        """Return rows drawn from all that pass, in the order in which they lie."""
        seen: list[Part] = []
        return _rows(seen, sorted(reservoir(self._places(seen), many, seed)))

    def count(self) -> int:
        """Return how many rows pass."""
        if not self.wanted:
            return sum(part.count() for part in self.parts)
        return sum(1 for _ in self._places([]))

    def _places(self, seen: list[Part]) -> Iterator[Place]:
        """Yield where rows that pass lie; parts go into `seen` as they are come to."""
        for number, part in enumerate(self.parts):
            seen.append(part)
            rows = self._passing(part) if self.wanted else range(part.count())
            yield from (Place(number, row) for row in rows)

    def _passing(self, part: Part) -> Iterator[int]:
        with part.open() as file:
            tests = filters.bound(self.wanted, file)
            first = 0
            for group in range(file.num_row_groups):
                told = file.metadata.row_group(group)
                if tests.may_pass(told):
                    yield from (first + row for row in _in_group(file, group, tests))
                first += told.num_rows


def _in_group(file: pq.ParquetFile, group: int, tests: Tests) -> Iterator[int]:
    batches = file.iter_batches(SCAN_ROWS, row_groups=[group], columns=tests.leaves)
    rows = (row for batch in batches for row in batch.to_pylist())
    return (place for place, row in enumerate(rows) if tests.passes(row))


def _rows(parts: Sequence[Part], places: Sequence[Place]) -> list[Row]:
    found: list[Row] = []
    for number, some in groupby(places, attrgetter("part")):
        part = parts[number]
        with part.open() as file:
            rows = picked(file, [place.row for place in some])
            found += [_owned(row, part.owner) for row in rows]
    return found


def picked(file: pq.ParquetFile, wanted: Sequence[int]) -> Iterator[Row]:
    """Yield the rows with these numbers, ascending; only their row groups are read."""
    left, first = list(wanted), 0
    for group in range(file.num_row_groups):
        stop = first + file.metadata.row_group(group).num_rows
        here = [row - first for row in left if row < stop]
        left, first = left[len(here) :], stop
        if here:
            yield from _of_group(file, group, here)


def _of_group(file: pq.ParquetFile, group: int, wanted: Sequence[int]) -> Iterator[Row]:
    first = 0
    for batch in file.iter_batches(CHUNK_ROWS, row_groups=[group]):
        here = [row - first for row in wanted if first <= row < first + len(batch)]
        yield from batch.take(pa.array(here, pa.int64())).to_pylist()
        first += len(batch)
        if first > wanted[-1]:
            return


def reservoir(places: Iterable[Drawn], many: int, seed: int) -> list[Drawn]:
    """Draw `many` of `places`, each as likely as any other (Vitter's algorithm R)."""
    draw = random.Random(seed)  # noqa: S311 -- no secret
    stream = iter(places)
    held = list(islice(stream, many))
    for number, place in enumerate(stream, many):
        at = draw.randrange(number + 1)
        if at < many:
            held[at] = place
    return held


def _owned(row: Row, owner: str) -> Row:
    return row if "repository" in row or not owner else {"repository": owner, **row}
