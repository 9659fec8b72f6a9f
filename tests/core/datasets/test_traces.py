"""What belongs to one key, found and taken out wherever a data set holds it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import Call, Watched, add, held

from codekiln.core.datasets import forgotten, tables
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.datasets.traces import Held, Shared, Traces

SHARED = Shared("found/", "repositories", "node_id")
MARK = Forgotten(key="a", name="acme/a", when="2026-11-21T00:00:00+00:00")
ROWS = pa.schema(
    [pa.field("node_id", pa.string(), nullable=False), pa.field("near", pa.binary(4))],
    metadata={"codekiln.format": "found"},
)


def put(dataset: Dataset, folder: Path, name: str, *files: Sequence[str]) -> None:
    """Commit an entry with rows of many keys: a shard for each of `files`, the keys in it."""
    shards = []
    for keys in files:
        path = folder / "shard.parquet"
        table = pa.Table.from_pylist([{"node_id": k, "near": b"1234"} for k in keys], schema=ROWS)
        pq.write_table(
            table, path, compression="none", use_dictionary=["node_id"], row_group_size=2
        )
        shards.append(dataset.put(path, rows=len(keys), first=0, last=len(keys) - 1))
    entry = Entry(f"found/{name}", {"repositories": shards}, {"words": name})
    dataset.commit({entry.key: partial(become, entry)}, run="test")


def become(entry: Entry, _: Entry | None) -> Entry:
    return entry


def owners(dataset: Dataset, name: str) -> list[str]:
    entry = dataset.entry(dataset.newest(), f"found/{name}")
    shards = entry.tables.get("repositories", ()) if entry else ()
    return [one["node_id"] for one in tables.rows(dataset, shards)]


@pytest.fixture
def strewn(dataset: Dataset, tmp_path: Path) -> Dataset:
    """Make a data set that holds `a` as an entry and in rows of others."""
    add(dataset, "a", 1, 2)
    add(dataset, "b", 1)
    put(dataset, tmp_path, "one", ["a", "b", "c"], ["c"])
    put(dataset, tmp_path, "two", ["a"], ["b", "b"])
    return dataset


def test_a_commit_without_a_key_is_one_version_and_leaves_all_others_rows(strewn: Dataset) -> None:
    traces = Traces(strewn, "a", SHARED)
    told = Held(entry=True, rows={"pulls": 2, "repositories": 2})
    assert traces.held(strewn.newest()) == told
    before = strewn.newest()
    version = traces.commit("test", MARK)
    assert version.number == before.number + 1
    assert not traces.held(version)
    assert (owners(strewn, "one"), owners(strewn, "two")) == (["b", "c", "c"], ["b", "b"])
    assert (held(strewn, "b"), set(forgotten.keys(version.state))) == ([1], {"a"})
    assert traces.commit("test", MARK).number == version.number


def test_shards_are_written_again_as_they_were(strewn: Dataset, tmp_path: Path) -> None:
    Traces(strewn, "a", SHARED).commit("test", MARK)
    entry = strewn.entry(strewn.newest(), "found/one")
    assert entry is not None
    assert entry.state == {"words": "one"}
    new, untouched = entry.tables["repositories"]
    assert [(one.rows, one.first, one.last) for one in (new, untouched)] == [(2, 0, 1), (1, 0, 0)]
    strewn.fetch(new, tmp_path / "new.parquet")
    with pq.ParquetFile(tmp_path / "new.parquet") as file:
        assert file.schema_arrow.equals(ROWS, check_metadata=True)
        column, near = (file.metadata.row_group(0).column(place) for place in (0, 1))
    assert (column.compression, column.has_dictionary_page) == ("UNCOMPRESSED", True)
    assert not near.has_dictionary_page


def test_what_another_adds_of_the_key_meanwhile_goes_too(tmp_path: Path) -> None:
    quiet = Dataset(Watched(tmp_path / "data", lambda _: None))
    add(quiet, "a", 1)
    put(quiet, tmp_path, "one", ["a", "b"])
    overtaken: list[Call] = []

    def overtake(call: Call) -> None:
        if call == ("write", "v/00000003.json") and not overtaken:
            overtaken.append(call)
            put(quiet, tmp_path, "one", ["c", "a"], ["d"])
            put(quiet, tmp_path, "two", ["a", "e"])

    late = Dataset(Watched(tmp_path / "data", overtake))
    Traces(late, "a", SHARED).commit("test", MARK)
    assert not Traces(quiet, "a", SHARED).held(quiet.newest())
    assert (owners(quiet, "one"), owners(quiet, "two")) == (["c", "d"], ["e"])


def test_older_versions_are_told_that_hold_it(strewn: Dataset) -> None:
    traces = Traces(strewn, "a", SHARED)
    traces.commit("test", MARK)
    add(strewn, "c", 1)
    assert [one.number for one in traces.versions()] == [6, 5, 4, 3, 2, 1]
    assert [one.number for one in traces.holding()] == [4, 3, 2, 1]
    assert {one.digest for one in traces.holding()} == {
        strewn.version(number).digest for number in (1, 2, 3, 4)
    }
    only_rows = Traces(strewn, "c", SHARED)
    # An entry of its own, or a row in another's.
    assert [one.number for one in only_rows.holding()] == [6, 5, 4, 3]
