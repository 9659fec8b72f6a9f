"""Writing one Parquet file group by group, under its name only when it is whole."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Group:
    """A row group ends at so many rows or so many bytes of text, so that readers stay small."""

    rows: int
    bytes: int


class GroupedFile(ABC, Generic[Row]):
    """Writes one file; a context, and only a good end names the file.

    Whoever derives from it says what table some rows are.
    """

    def __init__(self, path: Path, schema: pa.Schema, group: Group, **how: Any) -> None:
        """Begin the file; `how` it is written is for pyarrow's ParquetWriter."""
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.schema = schema
        self.group = group
        self.rows: list[Row] = []
        self.bytes = 0
        self.file = pq.ParquetWriter(self.part, schema, compression="zstd", **how)

    @abstractmethod
    def table(self, rows: list[Row]) -> pa.Table:
        """Return the table that `rows` are, in their order."""

    def hold(self, row: Row, size: int) -> None:
        """Write `row`, with so many bytes of text, in its turn."""
        self.rows.append(row)
        self.bytes += size
        if len(self.rows) >= self.group.rows or self.bytes >= self.group.bytes:
            self.flush()

    def flush(self) -> None:
        """Write the rows held back as one row group."""
        if self.rows:
            self.file.write_table(self.table(self.rows))
        self.rows, self.bytes = [], 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, or remove it if something went wrong."""
        if kind is None:
            self.flush()
        self.file.close()
        if kind is None:
            self.part.rename(self.path)
        else:
            self.part.unlink()
