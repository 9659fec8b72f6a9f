"""Many writers at once: nothing is lost, nothing doubled."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import data_sets
import pytest
from data_sets import Call, Watched, add, adding, held, row

from codekiln.core.datasets import commits
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.errors import ServiceError
from codekiln.core.storage.objects import Objects

WRITERS, COMMITS = 8, 5


def counted(key: str, by: str) -> Callable[[Entry | None], Entry]:
    """Return a change that adds one to the count of `by`; doubled, it would add two."""

    def change(entry: Entry | None) -> Entry:
        counts = dict(entry.state) if entry else {}
        return Entry(key, {}, counts | {by: counts.get(by, 0) + 1})

    return change


def test_threads_with_one_data_set_lose_nothing(dataset: Dataset) -> None:
    def write(writer: int) -> None:
        for turn in range(COMMITS):
            number = writer * COMMITS + turn
            changes = {"same": adding(dataset, "same", [row(number)])}
            dataset.commit(changes | {f"own-{writer}": counted(f"own-{writer}", "n")}, run="test")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert held(dataset, "same") == list(range(WRITERS * COMMITS))
    entries = {entry.key: entry.state for entry in dataset.entries(dataset.newest())}
    assert [entries[f"own-{n}"] for n in range(WRITERS)] == [{"n": COMMITS}] * WRITERS
    assert dataset.newest().number == WRITERS * COMMITS


def test_threads_that_opened_it_each_for_itself_lose_nothing(opened: Callable[[], Objects]) -> None:
    def write(writer: int) -> None:
        dataset = Dataset(opened())
        for _ in range(COMMITS):
            dataset.commit({"same": counted("same", str(writer))}, run="test")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    dataset = Dataset(opened())
    entry = dataset.entry(dataset.newest(), "same")
    assert entry
    assert entry.state == {str(n): COMMITS for n in range(WRITERS)}


PROGRAM = """
import sys
from data_sets import adding, row
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage.objects import open_store

uri, writer = sys.argv[1], int(sys.argv[2])
dataset = Dataset(open_store(uri))
for turn in range(5):
    number = writer * 5 + turn
    own = f"own-{writer}"
    dataset.commit(
        {"same": adding(dataset, "same", [row(number)]), own: adding(dataset, own, [row(turn)])},
        run=own,
    )
"""


def test_processes_lose_nothing(opened: Callable[[], Objects]) -> None:
    dataset = Dataset(opened())
    paths = {"PYTHONPATH": str(Path(data_sets.__file__).parent)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, dataset.uri, str(writer)], env={**os.environ, **paths}
        )
        for writer in range(3)
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert held(dataset, "same") == list(range(15))
    assert [held(dataset, f"own-{n}") for n in range(3)] == [list(range(5))] * 3
    assert [v.number for v in dataset.versions()] == list(range(15, 0, -1))


def test_only_what_changed_meanwhile_is_applied_again(opened: Callable[[], Objects]) -> None:
    dataset, other = Dataset(opened()), Dataset(opened())
    for key in ("a", "b"):
        add(dataset, key, 1)
    applied: list[str] = []

    def change(key: str, entry: Entry | None) -> Entry | None:
        applied.append(key)
        if applied == ["a", "b"]:
            # Another writer is quicker, with one of the two keys.
            add(other, "a", 2)
        return adding(dataset, key, [row(3)])(entry)

    dataset.commit({key: partial(change, key) for key in ("a", "b")}, run="test")
    assert applied == ["a", "b", "a"]
    assert [held(dataset, key) for key in ("a", "b")] == [[1, 2, 3], [1, 3]]


def test_a_writer_that_never_comes_first_gives_up(
    dataset: Dataset, opened: Callable[[], Objects], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "ATTEMPTS", 3)
    monkeypatch.setattr(commits, "LONGEST_PAUSE_MS", 1)
    other = Dataset(opened())
    turns = iter(range(10))

    def change(_: Entry | None) -> Entry:
        other.commit({"k": counted("k", "others")}, run="test")
        return Entry("k", {}, {"turn": next(turns)})

    with pytest.raises(ServiceError, match="too many write at once"):
        dataset.commit({"k": change}, run="test")


def test_a_commit_whose_answer_was_lost_may_be_made_again(tmp_path: Path) -> None:
    """The version is there though its writer was told that it failed."""

    class Losing(Watched):
        def write(self, name: str, data: bytes, *, create: bool = False) -> None:
            super().write(name, data, create=create)
            if name == "v/00000002.json":
                raise ServiceError("the answer got lost")

    dataset = Dataset(Losing(tmp_path, lambda _: None))
    add(dataset, "a", 1)
    with pytest.raises(ServiceError):
        add(dataset, "a", 2)
    add(dataset, "a", 2)
    assert (held(dataset, "a"), dataset.newest().number) == ([1, 2], 2)


def test_a_commit_costs_few_calls(tmp_path: Path) -> None:
    calls: list[Call] = []
    dataset = Dataset(Watched(tmp_path, calls.append))
    keys = [f"k{n}" for n in range(20)]
    dataset.commit({key: counted(key, "n") for key in keys}, run="test")
    del calls[:]
    dataset.commit({key: counted(key, "n") for key in keys[:3]}, run="test")
    told = [(what, name.partition("/")[0]) for what, name in calls]
    assert told[0] == ("names", "v")
    assert told[1:4] == [("write", "e")] * 3
    assert told[4:] == [("write", "v"), ("names", "v")]


def test_a_version_of_3000_keys_is_small(tmp_path: Path) -> None:
    dataset = Dataset(Watched(tmp_path, lambda _: None))
    keys = [f"R_kgDOABC{n:07d}" for n in range(3000)]
    version = dataset.commit({key: lambda _, key=key: Entry(key) for key in keys}, run="test")  # type: ignore[misc]
    assert dataset.store.size("v/00000001.json") < 300_000
    assert len(version.entries) == 3000
