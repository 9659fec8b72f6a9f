"""Steps on their way into a data set."""

import asyncio
import errno
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from listed_pulls import listed
from pulls_made import pull

from codekiln.collect_pulls import state
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Before, Step
from codekiln.collect_pulls.store import Store, StoreError
from codekiln.core.corpus.pulls import COLLECTED, FILTERED
from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github import clock


def unmoved(held: State, _before: Before) -> State:
    return held


def step(number: int, outcome: str = COLLECTED, **more: Any) -> Step:
    row = listed(number, **more).outcome(outcome)
    pulls = [pull(number)] if outcome == COLLECTED else []
    return Step(key="R_1", advance=unmoved, rows=[row], pulls=pulls)


class Failing(LocalFolder):
    """A folder whose disk is away for a while."""

    is_away = False

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        if self.is_away and name.startswith("v/"):
            raise ServiceError("the disk is away")
        super().write(name, data, create=create)


def numbers(dataset: Dataset, table: str) -> list[int]:
    entry = dataset.entry(dataset.newest(), "R_1")
    assert entry is not None
    return [row["number"] for row in tables.rows(dataset, entry.tables.get(table, ()))]


def test_steps_wait_for_each_other_and_are_committed_together(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))

    async def work() -> None:
        store = Store(dataset, "test", 60)
        for number in (1, 2):
            await store.put(step(number))
        assert dataset.head() is None
        await store.flush()

    clock.run(work())
    assert dataset.numbers() == [dataset.newest().number]
    assert numbers(dataset, "pulls") == numbers(dataset, "ledger") == [1, 2]


def test_with_no_time_to_wait_each_step_is_a_version(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))

    async def work() -> None:
        store = Store(dataset, "test", 0)
        for number in (1, 2, 3):
            await store.put(step(number))

    clock.run(work())
    assert len(dataset.numbers()) == 3


def test_steps_that_could_not_be_written_are_written_with_the_next(tmp_path: Path) -> None:
    folder = Failing(tmp_path)
    dataset = Dataset(folder)

    async def work() -> None:
        store = Store(dataset, "test", 0)
        folder.is_away = True
        with pytest.raises(StoreError, match="away") as told:
            await store.put(step(1))
        assert told.value.exit_code == ServiceError.exit_code
        folder.is_away = False
        await store.put(step(2))

    clock.run(work())
    assert numbers(dataset, "pulls") == [1, 2]


class Full(LocalFolder):
    """A folder on a disk that is full for a while."""

    is_full = False

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        if self.is_full and name.startswith("v/"):
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(name, data, create=create)


def test_steps_that_a_full_disk_refused_are_written_with_the_next(tmp_path: Path) -> None:
    folder = Full(tmp_path)
    dataset = Dataset(folder)

    async def work() -> None:
        store = Store(dataset, "test", 0)
        folder.is_full = True
        with pytest.raises(OSError, match="No space"):
            await store.put(step(1))
        folder.is_full = False
        await store.put(step(2))

    clock.run(work())
    assert numbers(dataset, "pulls") == [1, 2]


def pruned_beside(dataset: Dataset) -> None:
    """Let another writer put what was there anew, and prune all that was before."""

    async def work() -> None:
        await Store(dataset, "other", 0).put(step(2))

    clock.run(work())
    assert dataset.prune(keep=1).shards > 0


def test_what_was_pruned_since_the_run_began_is_read_from_the_newest_version(
    tmp_path: Path,
) -> None:
    dataset = Dataset(LocalFolder(tmp_path))

    async def work() -> None:
        await Store(dataset, "first", 0).put(step(1))
        store = Store(dataset, "test", 0)
        late = Store(Dataset(LocalFolder(tmp_path)), "late", 0)
        await store.load(["R_1"])
        await asyncio.to_thread(pruned_beside, dataset)
        assert {*await store.known("R_1", [1])} == {1}
        await late.load(["R_1"])
        assert late.held("R_1").sums.collected == 2

    clock.run(work())


def test_a_shard_that_is_lost_ends_the_run_as_an_error_of_the_data_set(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))

    async def work() -> None:
        store = Store(dataset, "test", 0)
        await store.put(step(1))
        await store.load(["R_1"])
        for shard in tmp_path.glob("s/*"):
            shard.unlink()
        with pytest.raises(StoreError, match="is missing") as told:
            await store.known("R_1", [1])
        assert told.value.exit_code == InputError.exit_code

    clock.run(work())


def test_a_row_that_is_older_than_the_one_there_is_not_written(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))
    early = listed(1).updated_at - timedelta(days=1)

    async def work() -> None:
        store = Store(dataset, "test", 0)
        await store.put(step(1))
        await store.put(step(1, FILTERED, updated_at=early))
        known = await Store(dataset, "test", 0).known("R_1", [1])
        assert known == {}

    clock.run(work())
    assert numbers(dataset, "pulls") == [1]


def test_two_stores_at_once_keep_the_rows_and_sums_of_both(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))

    async def work() -> None:
        one, two = Store(dataset, "one", 60), Store(dataset, "two", 60)
        await one.put(step(1))
        await two.put(step(1))
        await two.put(step(2))
        await one.flush()
        await two.flush()
        await two.load(["R_1"])
        assert two.held("R_1").sums.collected == 2
        assert {*await two.known("R_1", [1, 2, 3])} == {1, 2}

    clock.run(work())
    assert numbers(dataset, "pulls") == [1, 2]


def test_a_data_set_of_another_version_of_this_program_is_refused() -> None:
    read = partial(state.from_json, {"name": "acme/router"})
    with pytest.raises(Exception, match="acme/router in another way"):
        read()
