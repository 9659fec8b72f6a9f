"""The files of a table: Parquet whose bytes follow from the rows alone.

Rows are sorted by `number`. Where a row group ends depends on the rows in it and on nothing else:
not on how they came, nor on how often the file was rewritten.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.datasets import row_sizes
from codekiln.core.errors import InputError

NUMBER = "number"
"""The column that every table has: what its rows are known by and sorted by."""

GROUP_BYTES = 4 << 20
GROUP_ROWS = 10_000
"""A row group ends with the row that reaches one of these; readers hold one in memory."""


class Writer:
    """Writes one file; a context, after which the file is whole if no error left it."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self.first = self.last = 0
        self._schema = schema
        self._held: list[pa.Table] = []
        self._held_rows = self._held_bytes = 0
        self._file = pq.ParquetWriter(
            path,
            schema,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=3,
            use_dictionary=False,  # zstd finds the repeated words itself
            write_statistics=[NUMBER],
        )

    def add(self, table: pa.Table) -> None:
        """Write the rows of `table`, in their turn."""
        if not len(table):
            return
        numbers = numbers_of(table)
        if not self.rows:
            self.first = int(numbers[0])
        self.last = int(numbers[-1])
        self.rows += len(table)
        ends = np.cumsum(row_sizes.of_table(table))
        start = 0
        while start < len(table):
            start += self._hold(
                table.slice(start), ends[start:] - (ends[start - 1] if start else 0)
            )

    def _hold(self, table: pa.Table, ends: row_sizes.Sizes) -> int:
        """Take the first rows of `table`, up to the end of a group; return how many."""
        full = int(np.searchsorted(ends, GROUP_BYTES - self._held_bytes)) + 1
        taken = min(full, GROUP_ROWS - self._held_rows, len(table))
        self._held.append(table.slice(0, taken))
        self._held_rows += taken
        self._held_bytes += int(ends[taken - 1])
        if self._held_bytes >= GROUP_BYTES or self._held_rows >= GROUP_ROWS:
            self._flush()
        return taken

    def _flush(self) -> None:
        if self._held:
            group = pa.concat_tables(self._held).combine_chunks()
            self._file.write_table(group, row_group_size=len(group))
        self._held, self._held_rows, self._held_bytes = [], 0, 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file."""
        try:
            if kind is None:
                self._flush()
        finally:
            self._file.close()


def groups(
    path: Path, columns: Sequence[str] | None = None, span: tuple[int, int] | None = None
) -> Iterator[pa.Table]:
    """Yield the row groups of `path` that may hold numbers of `span`, only these columns."""
    with pq.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index(NUMBER)
        for index in range(file.num_row_groups):
            if span is None or _overlaps(file.metadata.row_group(index).column(place), span):
                yield file.read_row_group(index, columns=columns)


def _overlaps(column: pq.ColumnChunkMetaData, span: tuple[int, int]) -> bool:
    told = column.statistics
    return told is None or bool(told.min <= span[1] and span[0] <= told.max)


def numbers_of(table: pa.Table) -> row_sizes.Sizes:
    """Return the numbers of the rows of `table`."""
    found: row_sizes.Sizes = table[NUMBER].to_numpy()
    return found


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return `table` as `schema` wants it: columns that came later are empty in older rows.

    Raises InputError where a column changed its type.
    """
    if table.schema.equals(schema):
        return table.replace_schema_metadata(schema.metadata)
    columns = [_column(table, one) for one in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(table: pa.Table, wanted: pa.Field) -> pa.ChunkedArray:
    if wanted.name not in table.column_names:
        return pa.nulls(len(table), wanted.type)
    found = table[wanted.name]
    try:
        return found.cast(wanted.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise InputError(
            f"the data set holds {wanted.name} as {found.type}, wanted {wanted.type}: another "
            "version of this program wrote it; collect into a new data set"
        ) from error
