"""Which rows are wanted: those that hold certain values in certain columns, nested ones too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from codekiln.core.errors import InputError

LIST = ".list.element"
"""What Parquet's path of a list says beyond our names."""
PLAN = "plan"
"""Of its steps only the first is asked: it is about what the solution holds, and counts tell it."""
IDS = ("id", "hash", "node_id", "key")
"""Columns that `--id` may mean, and of which a beginning is enough."""


@dataclass(frozen=True, slots=True)
class Test:
    """One wanted value: `leaf` is Parquet's path of the column, `path` ours."""

    leaf: str
    path: tuple[str, ...]
    wanted: str
    is_start: bool = False

    def passes(self, row: Mapping[str, Any]) -> bool:
        """Say whether `row` holds the value, whatever its case."""
        return is_value(row, self.path, self.wanted, is_start=self.is_start)


@dataclass(frozen=True, slots=True)
class Tests:
    """What each row of one file is held against."""

    tests: Sequence[Test]

    @property
    def leaves(self) -> list[str]:
        """Return the columns that are read to decide, by Parquet's paths."""
        return sorted({test.leaf for test in self.tests})

    def passes(self, row: Mapping[str, Any]) -> bool:
        """Say whether `row` is wanted."""
        return all(test.passes(row) for test in self.tests)

    def may_pass(self, group: pq.RowGroupMetaData) -> bool:
        """Say whether a row group may hold a wanted row, by what it tells of its numbers."""
        columns = {group.column(place).path_in_schema: place for place in range(group.num_columns)}
        return all(_may_hold(group.column(columns[one.leaf]), one) for one in self.tests)


def bound(wanted: Mapping[str, str], file: pq.ParquetFile) -> Tests:
    """Return the tests of `wanted`, values by column, for `file`; InputError for no such column."""
    leaves = {leaf.replace(LIST, ""): leaf for leaf in _leaves(file)}
    return Tests([_test(name, value, leaves) for name, value in wanted.items()])


def _leaves(file: pq.ParquetFile) -> list[str]:
    return [file.schema.column(place).path for place in range(len(file.schema))]


def _test(name: str, value: str, leaves: Mapping[str, str]) -> Test:
    path = next(iter(_ids(leaves)), "id") if name == "id" else _path(name, leaves)
    if path not in leaves:
        known = ", ".join(leaves)
        raise InputError(f"there is no column {name}; give one of {known}")
    is_start = name == "id"
    return Test(leaves[path], tuple(path.split(".")), value, is_start)


def _ids(leaves: Mapping[str, str]) -> Iterator[str]:
    return (name for name in IDS if name in leaves)


def _path(name: str, leaves: Mapping[str, str]) -> str:
    """Return the column that `name` means: a whole path, or the end of just one."""
    if name in leaves:
        return name
    ends = [path for path in leaves if path.rpartition(".")[2] == name]
    if len(ends) > 1:
        raise InputError(f"{name} may be {' or '.join(ends)}: give one of these")
    return ends[0] if ends else name


def is_value(
    row: Mapping[str, Any], path: Sequence[str], wanted: str, *, is_start: bool = False
) -> bool:
    """Say whether `row` holds `wanted` at `path`, whatever its case, or begins so."""
    told = ("" if value is None else str(value).lower() for value in values(row, path))
    low = wanted.lower()
    return any(one.startswith(low) if is_start else one == low for one in told)


def values(row: Mapping[str, Any], path: Sequence[str]) -> Iterator[Any]:
    """Yield what `row` holds at `path`; a list gives all of its items, a plan its first step."""
    value: Any = row.get(path[0])
    items = value if isinstance(value, list) else [value]
    for item in items[:1] if path[0] == PLAN else items:
        if len(path) > 1 and isinstance(item, dict):
            yield from values(item, path[1:])
        elif len(path) == 1:
            yield item


def _may_hold(column: pq.ColumnChunkMetaData, test: Test) -> bool:
    told = column.statistics
    if told is None or not told.has_min_max or not isinstance(told.min, int):
        return True
    return not test.wanted.isdecimal() or bool(told.min <= int(test.wanted) <= told.max)
