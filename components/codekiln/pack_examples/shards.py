"""Writes the rows of one split, shard after shard, and the table of its documents."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.tokens import packed_info
from codekiln.core.tokens.folder import Ids
from codekiln.core.tokens.packed_info import BOUND, BOUNDS, IDS, OFFSET, SECTION_NUMBERS
from codekiln.core.tokens.sections import WRITTEN

ROW, START, LENGTH = "row", "start", "length"
DOCUMENTS = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in (
            ("id", pa.string()),
            ("repository", pa.string()),
            ("repository_id", pa.string()),
            ("number", pa.int64()),
            ("shard", pa.int32()),
            (ROW, pa.int32()),
            (START, pa.int32()),
            (LENGTH, pa.int32()),
            *((section, pa.int32()) for section in WRITTEN),
        )
    ]
)
"""A document is tokens start..start+length of a row, which is counted in its shard."""

Sizes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole rows: their documents in order."""

    ids: Ids
    """The ids of all documents, one after the other."""
    sizes: Sizes
    """Shape (documents, 4): tokens of each of WRITTEN."""
    in_row: npt.NDArray[np.int64]
    """Shape (rows,): how many documents each row has."""
    table: pa.Table
    """Which documents they are: id, repository, repository_id, number."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What all rows have in common."""

    length: int
    shard_rows: int
    dtype: np.dtype[np.unsignedinteger[npt.NBitBase]]
    pad: int


class SplitWriter:
    """Writes one split; a context."""

    def __init__(self, folder: Path, split: str, shape: Shape) -> None:
        self._folder, self._split, self._shape = folder, split, shape
        self._stack = contextlib.ExitStack()
        self._shard = contextlib.ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._bounds = 0
        self.rows = self.documents = self.tokens = 0
        self.sections = np.zeros(len(WRITTEN), np.int64)

    def __enter__(self) -> Self:
        """Begin the table; shards begin with their first rows."""
        path = self._folder / packed_info.documents_name(self._split)
        table = pq.ParquetWriter(path, DOCUMENTS, compression="zstd")
        self._table: pq.ParquetWriter = self._stack.enter_context(table)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what is open."""
        self._shard.close()
        self._stack.close()

    def room(self) -> int:
        """Return how many rows the present shard takes."""
        return self._shape.shard_rows - self.rows % self._shape.shard_rows

    def add(self, block: Block) -> None:
        """Write rows, no more than there is room for."""
        if self.rows % self._shape.shard_rows == 0:
            self._begin_shard()
        used = _used(block)
        inside = np.arange(self._shape.length) < used[:, None]
        ids = np.full(inside.shape, self._shape.pad, self._shape.dtype)
        ids[inside] = block.ids
        sections = np.zeros(inside.shape, np.uint8)
        numbers = np.array([packed_info.NUMBERS[name] for name in WRITTEN], np.uint8)
        sections[inside] = np.repeat(np.tile(numbers, len(block.sizes)), block.sizes.ravel())
        self._files[IDS].write(ids.tobytes())
        self._files[SECTION_NUMBERS].write(sections.tobytes())
        starts = self._write_bounds(block, used)
        self._write_table(block, starts)
        self._count(block, used)

    def _begin_shard(self) -> None:
        self._shard.close()
        number = self.rows // self._shape.shard_rows
        for kind in packed_info.KINDS:
            path = self._folder / packed_info.shard_name(self._split, number, kind)
            self._files[kind] = self._shard.enter_context(path.open("wb"))
        self._bounds = 0
        self._files[packed_info.OFFSETS].write(np.zeros(1, OFFSET).tobytes())

    def _write_bounds(self, block: Block, used: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Write where documents begin, and where the last of a row ends; return the beginnings."""
        lengths = block.sizes.sum(axis=1)
        ends = np.cumsum(lengths)
        base = np.repeat(np.cumsum(used) - used, block.in_row)
        starts: npt.NDArray[np.int64] = ends - lengths - base
        last = np.cumsum(block.in_row)
        self._files[BOUNDS].write(np.insert(starts, last, used).astype(BOUND).tobytes())
        offsets = self._bounds + np.cumsum(block.in_row + 1)
        self._files[packed_info.OFFSETS].write(offsets.astype(OFFSET).tobytes())
        self._bounds = int(offsets[-1])
        return starts

    def _write_table(self, block: Block, starts: npt.NDArray[np.int64]) -> None:
        shard, first = divmod(self.rows, self._shape.shard_rows)
        rows = first + np.repeat(np.arange(len(block.in_row)), block.in_row)
        columns = {
            name: block.table[name] for name in ("id", "repository", "repository_id", "number")
        }
        columns |= {
            "shard": np.full(len(rows), shard, np.int32),
            ROW: rows.astype(np.int32),
            START: starts.astype(np.int32),
            LENGTH: block.sizes.sum(axis=1).astype(np.int32),
            **{name: block.sizes[:, place] for place, name in enumerate(WRITTEN)},
        }
        self._table.write_table(pa.table(columns, schema=DOCUMENTS))

    def _count(self, block: Block, used: npt.NDArray[np.int64]) -> None:
        self.rows += len(block.in_row)
        self.documents += len(block.sizes)
        self.tokens += int(used.sum())
        self.sections += block.sizes.sum(axis=0)


def _used(block: Block) -> npt.NDArray[np.int64]:
    """Return how many tokens each row has."""
    lengths = block.sizes.sum(axis=1, dtype=np.int64)
    firsts = np.cumsum(block.in_row) - block.in_row
    used: npt.NDArray[np.int64] = np.add.reduceat(lengths, firsts)
    return used
