"""Removing the versions that hold a key, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from data_sets import SCHEMA, Call, Watched, add, adding, held, objects, row

from codekiln.core.datasets import forgotten, tables
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.datasets.traces import Traces

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
MARK = Forgotten(key="a", name="acme/a", when=NOW.isoformat())


def forgotten_key(dataset: Dataset) -> Traces:
    """Make versions 1 (b), 2 and 3 (b, a), 4 (b, without a), 5 (b, c)."""
    add(dataset, "b", 1)
    add(dataset, "a", 1, title="needle")
    add(dataset, "a", 12, title="needle")
    traces = Traces(dataset, "a")
    traces.commit("test", MARK)
    add(dataset, "c", 2)
    return traces


def erase(dataset: Dataset, traces: Traces) -> None:
    dataset.erase([one.number for one in traces.holding()], traces.is_in_object)


def numbers(dataset: Dataset) -> list[int]:
    return [one.number for one in dataset.versions() if one.run != "prune"][::-1]


def test_versions_that_hold_it_go_with_their_names_and_others_stay(dataset: Dataset) -> None:
    traces = forgotten_key(dataset)
    for number, name in ((1, "before"), (2, "mine"), (5, "after")):
        dataset.name(number, name)
    shards = len(list(dataset.store.names("s/")))
    erase(dataset, traces)
    assert numbers(dataset) == [1, 4, 5]
    assert dataset.names() == {"after": 5, "before": 1}
    assert (held(dataset, "b", "before"), held(dataset, "b"), held(dataset, "c")) == ([1], [1], [2])
    assert len(list(dataset.store.names("s/"))) == shards - 2
    assert not traces.holding()


def test_what_no_version_needs_goes_at_once_only_if_it_is_of_the_key(dataset: Dataset) -> None:
    traces = forgotten_key(dataset)
    mine = tables.upsert(dataset, (), [row(77, "needle")], SCHEMA)
    orphan = Entry("a", {"pulls": mine}, {"name": "acme/a"}).to_json()
    dataset.store.write(f"e/{'0' * 64}.json", orphan)
    [other] = tables.upsert(dataset, (), [row(78)], SCHEMA)
    erase(dataset, traces)
    left = list(dataset.store.names("s/"))
    assert f"s/{other.sha256}.parquet" in left
    assert f"s/{mine[0].sha256}.parquet" not in left
    assert f"e/{'0' * 64}.json" not in objects(dataset)


def test_the_newest_version_stays_whatever_is_asked_for(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.erase([1], lambda _: False)
    assert held(dataset, "a") == [1]


@pytest.mark.parametrize("calls", [1, 4, 7])
def test_killed_between_two_removals_it_is_finished_by_a_second(tmp_path: Path, calls: int) -> None:
    quiet = Dataset(Watched(tmp_path, lambda _: None))
    forgotten_key(quiet)
    quiet.name(2, "mine")
    left = [calls]

    def kill(call: Call) -> None:
        if call[0] == "delete":
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt

    dying = Dataset(Watched(tmp_path, kill))
    with pytest.raises(KeyboardInterrupt):
        erase(dying, Traces(dying, "a"))
    assert held(quiet, "b") == [1]
    again = Dataset(Watched(tmp_path, lambda _: None))
    erase(again, Traces(again, "a"))
    assert numbers(again) == [1, 4, 5]
    assert len(list(again.store.names("s/"))) == 2
    assert forgotten.keys(again.newest().state) == {"a"}


def test_a_writer_beside_it_loses_nothing(tmp_path: Path) -> None:
    quiet = Dataset(Watched(tmp_path, lambda _: None))
    forgotten_key(quiet)
    beside = Dataset(Watched(tmp_path, lambda _: None))
    change = adding(beside, "b", [row(5)])
    beside.commit({}, run="beside")
    overtaken: list[Call] = []

    def overtake(call: Call) -> None:
        if call[0] == "write" and call[1].startswith("v/") and not overtaken:
            overtaken.append(call)
            beside.commit({"b": change}, run="beside")

    erasing = Dataset(Watched(tmp_path, overtake))
    erase(erasing, Traces(erasing, "a"))
    assert held(quiet, "b") == [1, 5]
    assert not Traces(quiet, "a").holding()
