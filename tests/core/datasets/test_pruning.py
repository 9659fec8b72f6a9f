"""What a prune takes away and what it leaves."""

from datetime import UTC, datetime, timedelta

import pytest
from data_sets import SCHEMA, add, held, numbers, objects, row

from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.errors import InputError, ServiceError

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
AT_ONCE = timedelta(0)


def shards(dataset: Dataset) -> int:
    return len(list(dataset.store.names("s/")))


def test_the_newest_and_the_named_are_kept(dataset: Dataset) -> None:
    for number in range(1, 7):
        add(dataset, "a", number)
    dataset.name(2, "mine")
    pruned = dataset.prune(keep=2)
    # The last one says that the others went.
    assert numbers(dataset) == [2, 5, 6, 7]
    assert [held(dataset, "a", n) for n in numbers(dataset)] == [
        list(range(1, n + 1)) for n in (2, 5, 6, 6)
    ]
    assert (pruned.versions, pruned.entries, pruned.shards) == (3, 3, 3)
    assert (pruned.kept, pruned.waiting, shards(dataset)) == (4, 0, 3)
    assert pruned.size > 1000


def test_what_several_versions_share_stays_as_long_as_one_of_them(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    add(dataset, "b", 1)
    dataset.commit({"b": lambda _: None}, run="test")
    dataset.prune(keep=1)
    assert held(dataset, "a") == [1]
    assert shards(dataset) == 1


def test_pruning_again_removes_nothing(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    add(dataset, "a", 2)
    dataset.prune(keep=1, grace=AT_ONCE)
    before = {name for name in objects(dataset) if not name.startswith("prunes/")}
    pruned = dataset.prune(keep=1, grace=AT_ONCE)
    assert (pruned.versions, pruned.entries, pruned.shards) == (0, 0, 0)
    assert {name for name in objects(dataset) if not name.startswith("prunes/")} == before
    assert list(dataset.store.names("prunes/")) == ["prunes/00000002.json"]


def test_numbers_go_on_after_a_prune(dataset: Dataset) -> None:
    for number in (1, 2, 3):
        add(dataset, "a", number)
    dataset.prune(keep=1)
    add(dataset, "a", 4)
    assert (numbers(dataset), held(dataset, "a")) == ([3, 4, 5], [1, 2, 3, 4])


def test_nothing_newer_than_the_newest_is_kept(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    with pytest.raises(InputError, match="the newest version always stays"):
        dataset.prune(keep=0)


def test_an_object_of_no_version_goes_when_it_was_seen_so_for_the_grace(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    tables.upsert(dataset, (), [row(7)], SCHEMA)
    waiting = []
    for hours in (0, 23, 24):
        at = NOW + timedelta(hours=hours)
        later = Dataset(dataset.store, now=lambda at=at: at)  # type: ignore[misc]
        waiting.append((later.prune(keep=1, grace=timedelta(days=1)).waiting, shards(dataset)))
    assert waiting == [(1, 2), (1, 2), (0, 1)]


def test_what_comes_into_use_within_the_grace_stays(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    found = tables.upsert(dataset, (), [row(7)], SCHEMA)
    Dataset(dataset.store, now=lambda: NOW).prune(keep=1)
    dataset.commit({"b": lambda _: Entry("b", {"pulls": found})}, run="test")
    Dataset(dataset.store, now=lambda: NOW + timedelta(days=9)).prune(keep=1)
    assert held(dataset, "b") == [7]


def test_a_damaged_version_that_goes_stops_nothing(dataset: Dataset) -> None:
    for number in (1, 2, 3):
        add(dataset, "a", number)
    dataset.store.write("v/00000002.json", b"damaged")
    assert Dataset(dataset.store).prune(keep=1).versions == 2
    assert held(dataset, "a") == [1, 2, 3]


def test_a_damaged_version_that_stays_stops_the_prune_before_it_removes_anything(
    dataset: Dataset,
) -> None:
    for number in (1, 2, 3):
        add(dataset, "a", number)
    dataset.name(2, "mine")
    dataset.store.write("v/00000002.json", b"damaged")
    before = set(objects(dataset))
    with pytest.raises(InputError, match=r"00000002\.json is damaged"):
        Dataset(dataset.store).prune(keep=1)
    assert set(objects(dataset)) - before == {"prunes/00000001.json"}


def test_nothing_is_pruned_while_the_newest_version_lacks_something(dataset: Dataset) -> None:
    for number in (1, 2):
        add(dataset, "a", number)
    lost = dataset.entries(dataset.newest())
    for shard in next(lost).tables["pulls"]:
        dataset.store.delete(f"s/{shard.sha256}.parquet")
    with pytest.raises(ServiceError, match=r"version 2 of .* lacks s/\w+\.parquet"):
        dataset.prune(keep=1)
    dataset.restore(1, run="people")
    assert dataset.prune(keep=1).versions == 2
    assert held(dataset, "a") == [1]
