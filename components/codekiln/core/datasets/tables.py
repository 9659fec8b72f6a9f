"""Rows of a table of an entry: merged by number, read back, in bounded memory.

A shard holds the rows whose numbers share a bucket (number // bucket), so what is new rewrites only
the buckets that it falls into. Which shards come out depends on the rows alone: any order of
upserts gives the same bytes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import numpy as np
import pyarrow as pa

from codekiln.core.datasets.contents import scratch
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.shard_file import NUMBER, Writer, conformed, groups, numbers_of
from codekiln.core.datasets.version import Shard

Row = Mapping[str, Any]

BUCKET = 1000
CHUNK_ROWS = 64
"""Rows that are Python objects at one time."""


def upsert(
    dataset: Dataset,
    shards: Sequence[Shard],
    rows: Iterable[Row],
    schema: pa.Schema,
    bucket: int = BUCKET,
    drop: Collection[int] = (),
) -> tuple[Shard, ...]:
    """Return shards with `rows` put over those of `shards`, whole rows by their number.

    `rows` come with ascending numbers, each once (ValueError otherwise), and may be a stream.
    Numbers in `drop` are taken out first. Always give a table the same `bucket`; with another, all
    of it is rewritten. Shards are stored at once; they count when a commit refers to them.
    """
    table = _Table(dataset, schema, bucket)
    held = table.by_bucket(shards)
    without = {
        index: np.array(list(numbers)) for index, numbers in groupby(sorted(drop), table.index)
    }
    for index, new in groupby(_ascending(rows), lambda row: table.index(row[NUMBER])):
        dropped = without.pop(index, None)
        held[index] = table.rewritten(held.get(index), _tables(new, schema), dropped)
    for index, dropped in without.items():
        held[index] = table.rewritten(held.get(index), iter(()), dropped)
    return tuple(shard for _, shard in sorted(held.items()) if shard is not None)


def rows(
    dataset: Dataset,
    shards: Sequence[Shard],
    columns: Sequence[str] | None = None,
    numbers: Collection[int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of `shards` by number, only these columns, only these numbers if told."""
    for table in tables(dataset, shards, columns, numbers):
        for batch in table.to_batches(max_chunksize=CHUNK_ROWS):
            yield from batch.to_pylist()


def tables(
    dataset: Dataset,
    shards: Sequence[Shard],
    columns: Sequence[str] | None = None,
    numbers: Collection[int] | None = None,
) -> Iterator[pa.Table]:
    """Yield what `rows` does as Arrow tables of a few MiB, none of them empty.

    Shards that `upsert` did not write need no column `number`, unless `numbers` is told.
    """
    wanted = None if numbers is None else np.array(sorted(numbers), np.int64)
    read = columns
    if columns is not None and wanted is not None and NUMBER not in columns:
        read = [*columns, NUMBER]
    for shard in sorted(shards, key=lambda shard: shard.first):
        span = None if wanted is None else _span(shard, wanted)
        if wanted is not None and span is None:
            continue
        for table in _fetched(dataset, shard, read, span):
            chosen = table if wanted is None else _among(table, wanted)
            if len(chosen):
                yield chosen if read == columns else chosen.drop_columns([NUMBER])


class _Table:
    """How one table of one entry is stored."""

    def __init__(self, dataset: Dataset, schema: pa.Schema, bucket: int) -> None:
        if bucket < 1:
            raise ValueError(f"a bucket of {bucket} numbers holds nothing")
        self._dataset, self._schema, self._bucket = dataset, schema, bucket

    def index(self, number: int) -> int:
        """Return the bucket of `number`."""
        return number // self._bucket

    def by_bucket(self, shards: Sequence[Shard]) -> dict[int, Shard | None]:
        """Return the shard of each bucket; rewrites them all if they are of other buckets."""
        found: dict[int, Shard | None] = {self.index(shard.first): shard for shard in shards}
        whole = all(self.index(shard.first) == self.index(shard.last) for shard in shards)
        if whole and len(found) == len(shards):
            return found
        stream = tables(self._dataset, shards)
        pieces = (piece for table in stream for piece in self._pieces(table))
        return {
            index: self.rewritten(None, (table for _, table in parts), None)
            for index, parts in groupby(pieces, lambda piece: piece[0])
        }

    def _pieces(self, table: pa.Table) -> Iterator[tuple[int, pa.Table]]:
        """Cut `table` where a bucket ends."""
        buckets = numbers_of(table) // self._bucket
        starts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
        for start, stop in zip(starts, [*starts[1:], len(table)], strict=True):
            yield int(buckets[start]), table.slice(start, stop - start)

    def rewritten(
        self,
        shard: Shard | None,
        new: Iterator[pa.Table],
        dropped: "np.ndarray[Any, Any] | None",
    ) -> Shard | None:
        """Store the rows of `shard` without `dropped`, with `new` over them; None if none."""
        old = _fetched(self._dataset, shard) if shard else iter(())
        kept = old if dropped is None else (_but(table, dropped) for table in old)
        with scratch() as folder:
            path = folder / "shard.parquet"
            with Writer(path, self._schema) as file:
                for table in merged(self._conformed(kept), self._conformed(new)):
                    file.add(table)
            if not file.rows:
                return None
            return self._dataset.put(path, rows=file.rows, first=file.first, last=file.last)

    def _conformed(self, stream: Iterator[pa.Table]) -> Iterator[pa.Table]:
        return (conformed(table, self._schema) for table in stream if len(table))


def merged(old: Iterator[pa.Table], new: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Merge two streams of tables by number; where both have one, the row of `new` stands."""
    left, right = next(old, None), next(new, None)
    while left is not None and right is not None:
        stop = min(numbers_of(left)[-1], numbers_of(right)[-1])
        below, left = _split(left, stop, old)
        above, right = _split(right, stop, new)
        yield _overlaid(below, above)
    for rest, stream in ((left, old), (right, new)):
        if rest is not None:
            yield rest
            yield from stream


def _split(
    table: pa.Table, stop: int, stream: Iterator[pa.Table]
) -> tuple[pa.Table, pa.Table | None]:
    """Return the rows up to the number `stop`, and what comes after them."""
    place = int(np.searchsorted(numbers_of(table), stop, side="right"))
    rest = table.slice(place)
    return table.slice(0, place), rest if len(rest) else next(stream, None)


def _overlaid(below: pa.Table, above: pa.Table) -> pa.Table:
    kept = _but(below, numbers_of(above))
    if not len(kept) or not len(above):
        return kept if len(kept) else above
    both = pa.concat_tables([kept, above])
    return both.take(pa.array(np.argsort(numbers_of(both), kind="stable")))


def _but(table: pa.Table, numbers: "np.ndarray[Any, Any]") -> pa.Table:
    inside = np.isin(numbers_of(table), numbers)
    return table.filter(pa.array(~inside)) if inside.any() else table


def _among(table: pa.Table, numbers: "np.ndarray[Any, Any]") -> pa.Table:
    inside = np.isin(numbers_of(table), numbers)
    return table if inside.all() else table.filter(pa.array(inside))


def _span(shard: Shard, wanted: "np.ndarray[Any, Any]") -> tuple[int, int] | None:
    """Return the first and last number to look for in `shard`, None if there is none."""
    inside = wanted[(wanted >= shard.first) & (wanted <= shard.last)]
    return (int(inside[0]), int(inside[-1])) if len(inside) else None


def _fetched(
    dataset: Dataset,
    shard: Shard,
    columns: Sequence[str] | None = None,
    span: tuple[int, int] | None = None,
) -> Iterator[pa.Table]:
    with scratch() as folder:
        path = folder / "shard.parquet"
        dataset.fetch(shard, path)
        yield from groups(path, columns, span)


def _tables(rows: Iterable[Row], schema: pa.Schema) -> Iterator[pa.Table]:
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK_ROWS)):
        yield pa.Table.from_pylist(chunk, schema)


def _ascending(rows: Iterable[Row]) -> Iterator[Row]:
    last: int | None = None
    for row in rows:
        number = row[NUMBER]
        if last is not None and number <= last:
            raise ValueError(f"rows come by ascending number, each once; {number} after {last}")
        last = number
        yield row
