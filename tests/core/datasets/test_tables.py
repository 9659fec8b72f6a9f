import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import data_sets
import pyarrow as pa
import pytest
from data_sets import BUCKET, SCHEMA, row
from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.core.datasets import shard_file, tables
from codekiln.core.datasets.dataset import Dataset, Shard
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store

NUMBERS = st.integers(min_value=0, max_value=45)
ROWS = st.dictionaries(NUMBERS, st.text(max_size=400), max_size=30)


def put(
    dataset: Dataset, shards: tuple[Shard, ...], rows: dict[int, str], bucket: int = BUCKET
) -> tuple[Shard, ...]:
    told = (row(number, title) for number, title in sorted(rows.items()))
    return tables.upsert(dataset, shards, told, SCHEMA, bucket)


def read(dataset: Dataset, shards: tuple[Shard, ...], **told: Any) -> list[dict[str, Any]]:
    return list(tables.rows(dataset, shards, **told))


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files have many row groups: none of more than a few rows."""
    monkeypatch.setattr(shard_file, "GROUP_BYTES", 900)
    monkeypatch.setattr(shard_file, "GROUP_ROWS", 4)
    monkeypatch.setattr(tables, "CHUNK_ROWS", 3)


@pytest.fixture(scope="module")
def folder() -> Iterator[Dataset]:
    with tempfile.TemporaryDirectory() as place:
        yield Dataset(open_store(place))


@settings(max_examples=50)
@given(parts=st.lists(ROWS, max_size=5))
@pytest.mark.usefixtures("small_groups")
def test_any_upserts_give_the_bytes_of_one_upsert_of_their_union(
    folder: Dataset, parts: list[dict[int, str]]
) -> None:
    shards: tuple[Shard, ...] = ()
    union: dict[int, str] = {}
    for part in parts:
        shards = put(folder, shards, part)
        union |= part
    assert shards == put(folder, (), union)
    assert read(folder, shards) == [row(*one) for one in sorted(union.items())]


@settings(max_examples=50)
@given(rows=ROWS, drop=st.sets(NUMBERS), new=ROWS)
@pytest.mark.usefixtures("small_groups")
def test_what_is_dropped_leaves_no_trace(
    folder: Dataset, rows: dict[int, str], drop: set[int], new: dict[int, str]
) -> None:
    told = (row(number, title) for number, title in sorted(new.items()))
    left = tables.upsert(folder, put(folder, (), rows), told, SCHEMA, BUCKET, drop)
    assert left == put(folder, (), {n: t for n, t in rows.items() if n not in drop} | new)


@settings(max_examples=50)
@given(rows=ROWS, before=st.integers(1, 50), after=st.integers(1, 50), new=ROWS)
@pytest.mark.usefixtures("small_groups")
def test_another_bucket_gives_what_it_would_have_given_from_the_start(
    folder: Dataset, rows: dict[int, str], before: int, after: int, new: dict[int, str]
) -> None:
    shards = put(folder, put(folder, (), rows, before), new, after)
    if new:
        assert shards == put(folder, (), rows | new, after)


@settings(max_examples=50)
@given(rows=ROWS, numbers=st.sets(NUMBERS))
@pytest.mark.usefixtures("small_groups")
def test_rows_are_found_by_number(folder: Dataset, rows: dict[int, str], numbers: set[int]) -> None:
    shards = put(folder, (), rows)
    found = read(folder, shards, columns=["title"], numbers=numbers)
    assert found == [{"title": rows[n]} for n in sorted(rows.keys() & numbers)]


def test_each_shard_has_the_numbers_of_one_bucket(dataset: Dataset) -> None:
    shards = put(dataset, (), dict.fromkeys((0, 9, 10, 25, 29), "x"))
    assert [(s.first, s.last, s.rows) for s in shards] == [(0, 9, 2), (10, 10, 1), (25, 29, 2)]


def test_only_the_buckets_that_are_touched_are_read_and_written(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = put(dataset, (), dict.fromkeys(range(40), "x"))
    fetched: list[Shard] = []
    fetch = dataset.fetch

    def watched(shard: Shard, path: Path) -> None:
        fetched.append(shard)
        fetch(shard, path)

    monkeypatch.setattr(dataset, "fetch", watched)
    changed = put(dataset, shards, {25: "y"})
    assert fetched == [shards[2]]
    assert [a == b for a, b in zip(shards, changed, strict=True)] == [True, True, False, True]


def test_rows_that_are_there_already_change_nothing(dataset: Dataset) -> None:
    shards = put(dataset, (), {1: "x", 12: "y"})
    assert put(dataset, shards, {12: "y"}) == shards


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1)])
def test_rows_out_of_order_are_a_defect_of_the_caller(
    dataset: Dataset, numbers: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="ascending"):
        tables.upsert(dataset, (), map(row, numbers), SCHEMA, BUCKET)


def test_a_column_that_came_later_is_empty_in_older_rows(dataset: Dataset) -> None:
    older = put(dataset, (), {1: "x", 2: "y"})
    wider = SCHEMA.append(pa.field("stars", pa.int64()))
    shards = tables.upsert(dataset, older, [{**row(3), "stars": 7}], wider, BUCKET)
    found = read(dataset, shards, columns=["number", "stars"])
    assert [(one["number"], one["stars"]) for one in found] == [(1, None), (2, None), (3, 7)]


def test_a_column_of_another_type_is_told(dataset: Dataset) -> None:
    shards = put(dataset, (), {1: "no number"})
    other = pa.schema([("number", pa.int64()), ("title", pa.int64())])
    with pytest.raises(InputError, match="holds title as string, wanted int64"):
        tables.upsert(dataset, shards, [{"number": 2, "title": 3}], other, BUCKET)


def test_no_rows_make_no_shard(dataset: Dataset) -> None:
    assert put(dataset, (), {}) == ()
    assert data_sets.objects(dataset) == {}
