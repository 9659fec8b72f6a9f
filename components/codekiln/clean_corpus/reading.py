"""Reads examples that may be anything: giants, bytes that are no UTF-8, a million in one row group.

A few MiB are read at a time, whatever the row groups are. A text over its limit is cut right after
it was read, one byte past the limit, so the rule about lengths still sees that it was too long.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.clean_corpus.content import Limits
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Example
from codekiln.core.errors import InputError

READ_BYTES = 4 << 20
MOST_ROWS = 256

NOT_UTF8 = "not UTF-8"

Read = tuple[Example, str | None]
"""An example, and why it cannot be used, if that shows at once."""


def read(path: Path, limits: Limits) -> Iterator[list[Read]]:
    """Read the examples of a file in order, some at a time; InputError if it holds others."""
    for batch in _batches(path):
        yield list(_examples(batch, limits))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        if file.schema_arrow.names != examples.SCHEMA.names:
            raise InputError(f"{path} holds no examples: its columns are others; build them again")
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            each = group.total_byte_size // max(group.num_rows, 1) + 1
            rows = min(MOST_ROWS, max(1, READ_BYTES // each))
            yield from file.iter_batches(rows, row_groups=[number])


def _examples(batch: pa.RecordBatch, limits: Limits) -> Iterator[Read]:
    batch = _cut(batch, limits)
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        yield from (_one(batch.slice(place, 1)) for place in range(len(batch)))
        return
    yield from ((examples.from_row(row), None) for row in rows)


def _one(batch: pa.RecordBatch) -> Read:
    try:
        return examples.from_row(batch.to_pylist()[0]), None
    except UnicodeDecodeError:
        raw = pa.RecordBatch.from_arrays(
            [_raw(column) for column in batch], names=batch.schema.names
        )
        return examples.from_row(_decoded(raw.to_pylist()[0])), NOT_UTF8


def _raw(column: pa.Array) -> pa.Array:
    """Return a column whose texts are bytes."""
    return column.cast(_raw_type(column.type))


def _raw_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_raw_type(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_raw_type(kind.value_type)))
    return pa.binary() if pa.types.is_string(kind) else kind


def _decoded(value: Any) -> Any:
    """Return `value` with its bytes as text, what is no UTF-8 replaced."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if isinstance(value, dict):
        return {key: _decoded(item) for key, item in value.items()}
    return value


def _cut(batch: pa.RecordBatch, limits: Limits) -> pa.RecordBatch:
    """Cut the texts of `batch` to one byte more than they may have."""
    texts = {
        "problem": {"details": limits.details, "title": limits.details},
        "context": {"before": limits.context},
        "solution": {"code": limits.code},
    }
    for name, longest in texts.items():
        column = batch[name]
        if any(_longest(column, field) > limit for field, limit in longest.items()):
            place = batch.schema.get_field_index(name)
            cut = _cut_struct(column, longest)
            batch = batch.set_column(place, batch.schema.field(name), cut)
    return batch


def _longest(column: pa.StructArray, field: str) -> int:
    return int(pc.max(pc.binary_length(column.field(field))).as_py() or 0)


def _cut_struct(column: pa.StructArray, longest: dict[str, int]) -> pa.StructArray:
    children = [
        _cut_text(column.field(field.name), longest[field.name] + 1)
        if field.name in longest
        else column.field(field.name)
        for field in column.type
    ]
    return pa.StructArray.from_arrays(children, fields=list(column.type))


def _cut_text(texts: pa.StringArray, size: int) -> pa.StringArray:
    short = pc.binary_slice(texts.cast(pa.binary()), 0, size)
    # A cut inside a letter leaves bytes that are no text.
    return pa.array([text.decode("utf-8", "replace") for text in short.to_pylist()], pa.string())
