"""How many bytes each row of a table holds: by its values alone, however Arrow lays them out."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FIXED = 8
"""Counted for each value besides its text."""

Sizes = npt.NDArray[np.int64]


def of_table(table: pa.Table) -> Sizes:
    """Return the bytes of each row: the lengths of all texts, and some for every other value."""
    sizes = np.zeros(len(table), np.int64)
    for column in table.columns:
        sizes += _of(column.combine_chunks())
    return sizes


def _of(array: pa.Array) -> Sizes:
    if isinstance(array, pa.ChunkedArray):
        # What no single array can hold: 2 GiB of text.
        return np.concatenate([_of(chunk) for chunk in array.chunks])
    kind = array.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _of_lists(array)
    sizes = np.full(len(array), FIXED, np.int64)
    if pa.types.is_struct(kind):
        # flatten, unlike field, leaves out what a null or a slice hides.
        for child in array.flatten():
            sizes += _of(child)
    elif _is_text(kind):
        sizes += _numbers(pc.binary_length(array))
    return sizes


def _of_lists(array: pa.Array) -> Sizes:
    ends = np.cumsum(_numbers(pc.list_value_length(array)))
    before = np.concatenate([[0], np.cumsum(_of(array.flatten()))])
    starts = np.concatenate([[0], ends])[: len(ends)]
    sizes: Sizes = before[ends] - before[starts] + FIXED
    return sizes


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string)
    return any(test(kind) for test in (*tests, pa.types.is_binary, pa.types.is_large_binary))


def _numbers(array: pa.Array) -> Sizes:
    found: Sizes = pc.fill_null(array, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
