"""From documents in scratch files to packed rows: in windows, so that memory does not grow."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.core.tokens.folder import Ids
from codekiln.core.tokens.sections import WRITTEN
from codekiln.pack_examples import packing
from codekiln.pack_examples.shards import Block, Shape, SplitWriter
from codekiln.pack_examples.work import Job

BLOCK_ROWS = 1024
MAPS = 128
"""Scratch files mapped at a time."""
JOB, OFFSET, LENGTH = "job", "offset", "length"
"""Columns beside those of `work.DOCUMENTS`: where the ids of a document lie."""


def documents(jobs: Sequence[Job]) -> Iterator[pa.Table]:
    """Yield the documents of all jobs in order, with where their ids lie."""
    for place, job in enumerate(jobs):
        offset = 0
        with pq.ParquetFile(job.path("parquet")) as file:
            for batch in file.iter_batches():
                lengths = _sizes(batch).sum(axis=1, dtype=np.int64)
                ends = offset + np.cumsum(lengths)
                table = pa.Table.from_batches([batch])
                yield (
                    table.append_column(JOB, pa.array(np.full(len(batch), place, np.int32)))
                    .append_column(OFFSET, pa.array(ends - lengths))
                    .append_column(LENGTH, pa.array(lengths))
                )
                offset += int(lengths.sum())


def _sizes(table: pa.Table | pa.RecordBatch) -> npt.NDArray[np.int32]:
    return np.stack([table[name].to_numpy() for name in WRITTEN], axis=1)


class Reader:
    """Reads the ids that jobs wrote; a number of files stays mapped."""

    def __init__(
        self, jobs: Sequence[Job], dtype: np.dtype[np.unsignedinteger[npt.NBitBase]]
    ) -> None:
        self._jobs, self._dtype = jobs, dtype
        self._map = functools.lru_cache(MAPS)(self._mapped)

    def _mapped(self, job: int) -> Ids:
        return np.asarray(np.memmap(self._jobs[job].path("ids"), self._dtype, "r"))

    def ids(self, table: pa.Table) -> Ids:
        """Return the ids of the documents of `table`, one after the other."""
        places = zip(*(table[name].to_pylist() for name in (JOB, OFFSET, LENGTH)), strict=True)
        return np.concatenate([self._map(job)[start : start + n] for job, start, n in places])


class Pool:
    """Takes the documents of one split and hands rows to its writer."""

    def __init__(self, writer: SplitWriter, reader: Reader, shape: Shape, window: int) -> None:
        self._writer, self._reader, self._shape, self._window = writer, reader, shape, window
        self._coming: list[pa.Table] = []
        self._many = 0

    def add(self, table: pa.Table) -> None:
        """Take some documents."""
        while len(table):
            # Windows end at the same documents, however these come.
            some = table.slice(0, self._window - self._many)
            table = table.slice(len(some))
            self._coming.append(some)
            self._many += len(some)
            if self._many == self._window:
                self._settle(most_waiting=self._window // 2)

    def finish(self) -> None:
        """Write all that is left."""
        if self._many:
            self._settle(most_waiting=0)

    def _settle(self, most_waiting: int) -> None:
        table = pa.concat_tables(self._coming).combine_chunks()
        lengths: list[int] = table[LENGTH].to_pylist()
        found = packing.settled(lengths, self._shape.length, most_waiting)
        self._write(table, found.rows)
        self._coming = [table.take(pa.array(found.waiting, pa.int64()))]
        self._many = len(found.waiting)

    def _write(self, table: pa.Table, rows: Sequence[Sequence[int]]) -> None:
        start = 0
        while start < len(rows):
            some = rows[start : start + min(BLOCK_ROWS, self._writer.room())]
            chosen = table.take(pa.array([place for row in some for place in row], pa.int64()))
            in_row = np.array([len(row) for row in some], np.int64)
            self._writer.add(Block(self._reader.ids(chosen), _sizes(chosen), in_row, chosen))
            start += len(some)


def write(jobs: Sequence[Job], pools: "Pools") -> None:
    """Put the documents of all `jobs` into rows."""
    for table in documents(jobs):
        held_out = pc.is_in(table["repository_id"], value_set=pools.held_out)
        pools.validation.add(table.filter(held_out))
        pools.train.add(table.filter(pc.invert(held_out)))
    pools.validation.finish()
    pools.train.finish()


@dataclass(frozen=True, slots=True)
class Pools:
    """Both sides, and the repositories of the one."""

    train: Pool
    validation: Pool
    held_out: pa.Array
