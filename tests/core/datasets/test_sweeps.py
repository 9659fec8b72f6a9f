"""Prunes beside writers, readers and other prunes, in every order that can do harm."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from data_sets import SCHEMA, Call, Watched, add, held, numbers, row

from codekiln.core.datasets import sweeps, tables
from codekiln.core.datasets.commits import SweptError
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.storage import lease
from codekiln.core.storage.local import LocalFolder

AT_ONCE = timedelta(0)


class Meeting(Watched):
    """A folder in which something else happens once, before a certain call."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, self._meet)
        self.at: Call | None = None
        self.action: Any = None

    def _meet(self, call: Call) -> None:
        # Once: what happens then may lead here again.
        if self.at and call[0] == self.at[0] and call[1].startswith(self.at[1]):
            self.at = None
            self.action()

    def when(self, what: str, prefix: str, action: Any) -> None:
        self.at, self.action = (what, prefix), action


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    return Meeting(tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> Dataset:
    return Dataset(LocalFolder(tmp_path))


def test_a_writer_whose_number_was_pruned_meanwhile_takes_another(
    meeting: Meeting, other: Dataset
) -> None:
    """It stood still with version 2 in its hand while others came to 5 and pruned 2 to 4."""
    slow = Dataset(meeting)
    add(slow, "a", 1)

    def meanwhile() -> None:
        for number in (2, 3, 4, 5):
            add(other, "a", number)
        other.prune(keep=1)

    meeting.when("write", "v/", meanwhile)
    add(slow, "a", 9)
    assert (numbers(other), held(other, "a")) == ([5, 6, 7], [1, 2, 3, 4, 5, 9])


@pytest.mark.parametrize("named", [2, 3])
def test_a_named_version_beside_the_gap_changes_nothing(
    meeting: Meeting, other: Dataset, named: int
) -> None:
    slow = Dataset(meeting)
    add(slow, "a", 1)

    def meanwhile() -> None:
        for number in (2, 3, 4):
            add(other, "a", number)
        other.name(named, "mine")
        other.prune(keep=1)

    meeting.when("write", "v/", meanwhile)
    add(slow, "a", 9)
    assert (numbers(other), held(other, "a")) == ([named, 4, 5, 6], [1, 2, 3, 4, 9])


def test_a_writer_whose_entries_were_pruned_while_it_read_them_reads_again(
    meeting: Meeting, other: Dataset
) -> None:
    add(other, "a", 1)
    slow = Dataset(meeting)

    def meanwhile() -> None:
        add(other, "a", 2)
        other.prune(keep=1)

    meeting.when("read", "e/", meanwhile)
    add(slow, "a", 3)
    assert held(other, "a") == [1, 2, 3]


def test_shards_swept_before_their_commit_are_written_again(
    meeting: Meeting, other: Dataset
) -> None:
    slow = Dataset(meeting)
    add(slow, "a", 1)
    meeting.when("write", "v/", lambda: other.prune(keep=1, grace=AT_ONCE))
    add(slow, "a", 2, 30)
    assert held(other, "a") == [1, 2, 30]


def test_shards_that_cannot_be_written_again_are_told_and_nothing_broken_is_made(
    meeting: Meeting, other: Dataset
) -> None:
    slow = Dataset(meeting)
    add(slow, "a", 1)
    before = tables.upsert(slow, (), [row(7)], SCHEMA)
    meeting.when("write", "v/", lambda: other.prune(keep=1, grace=AT_ONCE))
    with pytest.raises(SweptError, match="written for b is gone; run it again"):
        slow.commit({"b": lambda _: Entry("b", {"pulls": before})}, run="test")
    assert list(other.newest().entries) == ["a"]


def test_a_shard_that_was_there_already_and_is_swept_is_written_again(
    meeting: Meeting, other: Dataset
) -> None:
    """A killed run left it, a second one finds it and uploads nothing, a prune removes it."""
    add(other, "b", 1)
    tables.upsert(other, (), [row(7)], SCHEMA, 10)
    slow = Dataset(meeting)
    meeting.when("write", "e/", lambda: other.prune(keep=1, grace=AT_ONCE))
    add(slow, "a", 7)
    assert held(other, "a") == [7]


def test_a_version_is_restored_beside_a_prune_or_not_at_all(
    meeting: Meeting, other: Dataset
) -> None:
    for number in (1, 2, 3):
        add(other, "a", number)
    other.commit({"a": lambda _: None}, run="test")
    meeting.when("write", "v/", lambda: other.prune(keep=1))
    with pytest.raises(InputError, match="is missing"):
        Dataset(meeting).restore(2, run="people")
    assert other.newest().entries == {}


def test_a_writer_waits_for_the_end_of_a_prune(
    meeting: Meeting, other: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(other, "b", 1)
    add(other, "b", 2)
    slow = Dataset(meeting)
    slow.put(Path(__file__), rows=1, first=1, last=1)
    waited = []

    def ended(_: float) -> None:
        waited.append(numbers(other))
        raise TimeoutError

    monkeypatch.setattr("codekiln.core.datasets.sweeps.time.sleep", ended)

    def meanwhile() -> None:
        with pytest.raises(TimeoutError):
            add(slow, "b", 4)

    deleting = Meeting(meeting.root)
    deleting.when("delete", "s/", meanwhile)
    Dataset(deleting).prune(keep=1)
    assert waited == [[2, 3]]
    add(slow, "b", 4)
    assert held(other, "b") == [1, 2, 4]


def test_a_prune_that_died_elsewhere_is_waited_for_no_longer_than_it_may_stand_still(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "STILL_S", 0.1)
    monkeypatch.setattr(sweeps, "LOOK_S", 0.01)
    add(dataset, "a", 1)
    elsewhere = dataclasses.replace(lease.this_process(), host="another")
    sweeps.Sweep(number=1, owner=elsewhere, versions=[1]).write(dataset.store)
    add(dataset, "a", 2)
    assert held(dataset, "a") == [1, 2]
    with pytest.raises(InputError, match="it was pruned"):
        dataset.name(1, "mine")
    dataset.prune(keep=2)
    dataset.name(1, "mine")


def test_a_name_given_while_a_prune_begins_is_kept_or_refused(
    meeting: Meeting, other: Dataset
) -> None:
    add(other, "a", 1)
    add(other, "a", 2)
    Dataset(meeting).head()
    meeting.when("write", "prunes/", lambda: other.name(1, "kept"))
    Dataset(meeting).prune(keep=1)
    assert held(other, "a", "kept") == [1]
    add(other, "a", 3)
    refused: list[str] = []

    def late() -> None:
        with pytest.raises(InputError, match="it was pruned"):
            other.name(2, "late")
        refused.append("late")

    meeting.when("delete", "v/", late)
    Dataset(meeting).prune(keep=1)
    assert (refused, other.names()) == (["late"], {"kept": 1})


def test_two_prunes_at_once_are_one_too_many(meeting: Meeting, other: Dataset) -> None:
    add(other, "a", 1)
    meeting.when("write", "prunes/", lambda: other.prune(keep=1))
    with pytest.raises(ServiceError, match="another prune"):
        Dataset(meeting).prune(keep=1)
    other.prune(keep=1)


def test_a_prune_that_stood_still_removes_nothing_more(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        add(dataset, "a", number)
    monkeypatch.setattr(sweeps, "STILL_S", -1.0)
    with pytest.raises(ServiceError, match="stood still"):
        dataset.prune(keep=1)
    assert [held(dataset, "a", n) for n in (1, 2, 3)] == [[1], [1, 2], [1, 2, 3]]


def test_a_long_prune_gives_signs_of_life(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BEAT_S", 0.0)
    add(dataset, "a", 1)
    add(dataset, "a", 2)
    dataset.prune(keep=1)
    newest = sweeps.newest(dataset.store)
    assert newest
    assert (newest.beat, newest.ended) == (3, True)


def until_done(action: Callable[[], object]) -> None:
    for _ in range(20):
        try:
            action()
        except CodekilnError:
            continue
        return
    raise AssertionError


def test_many_writers_beside_prunes_lose_nothing(dataset: Dataset) -> None:
    store = dataset.store

    def write(writer: int) -> None:
        mine = Dataset(store)
        for turn in range(6):
            until_done(lambda turn=turn: add(mine, "same", writer * 6 + turn))  # type: ignore[misc]

    def prune() -> None:
        for _ in range(6):
            until_done(lambda: Dataset(store).prune(keep=1, grace=AT_ONCE))

    add(dataset, "same", 999)
    with ThreadPoolExecutor(5) as pool:
        running = [*(pool.submit(write, n) for n in range(4)), pool.submit(prune)]
        for one in running:
            one.result()
    assert held(Dataset(store), "same") == [*range(24), 999]
