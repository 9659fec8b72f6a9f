"""What was forgotten stays out of a data set, whoever writes into it."""

from datetime import UTC, datetime
from pathlib import Path

from data_sets import Call, Watched, add, adding, held, row

from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten

WHEN = datetime(2026, 11, 21, tzinfo=UTC).isoformat()


def forget(dataset: Dataset, key: str) -> None:
    mark = Forgotten(key=key, name=f"acme/{key}", when=WHEN)
    dataset.commit({}, run="test", state=forgotten.kept_out(mark))


def test_a_commit_that_keeps_a_key_out_takes_its_entry_too(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    add(dataset, "b", 1)
    forget(dataset, "a")
    newest = dataset.newest()
    assert list(newest.entries) == ["b"]
    told = forgotten.of(newest.state)
    assert told == {"a": Forgotten(key="a", name="acme/a", when=WHEN)}


def test_a_writer_that_knows_nothing_of_it_brings_nothing_back(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    forget(dataset, "a")
    shards = set(dataset.store.names("s/"))
    applied = []

    def change(entry: Entry | None) -> Entry | None:
        applied.append(entry)
        return adding(dataset, "a", [row(2)])(entry)

    version = dataset.commit({"a": change, "b": adding(dataset, "b", [row(3)])}, run="test")
    assert list(version.entries) == ["b"]
    # Not even a shard that nobody needs was made of it.
    assert not applied
    assert len(set(dataset.store.names("s/")) - shards) == 1


def test_a_writer_that_is_overtaken_by_it_brings_nothing_back(tmp_path: Path) -> None:
    quiet = Dataset(Watched(tmp_path, lambda _: None))
    add(quiet, "a", 1)
    overtaken: list[Call] = []

    def overtake(call: Call) -> None:
        if call == ("write", "v/00000002.json") and not overtaken:
            overtaken.append(call)
            forget(quiet, "a")

    late = Dataset(Watched(tmp_path, overtake))
    late.commit({k: adding(late, k, [row(2)]) for k in ("a", "b")}, run="late")
    assert (list(late.newest().entries), held(late, "b")) == (["b"], [2])


def test_two_who_forget_at_once_lose_nothing(tmp_path: Path) -> None:
    quiet = Dataset(Watched(tmp_path, lambda _: None))
    for key in ("a", "b", "c"):
        add(quiet, key, 1)
    overtaken: list[Call] = []

    def overtake(call: Call) -> None:
        if call == ("write", "v/00000004.json") and not overtaken:
            overtaken.append(call)
            forget(quiet, "a")

    forget(Dataset(Watched(tmp_path, overtake)), "b")
    newest = quiet.newest()
    assert forgotten.keys(newest.state) == {"a", "b"}
    assert list(newest.entries) == ["c"]


def test_a_restored_version_is_without_what_was_forgotten_since(dataset: Dataset) -> None:
    first = {key: adding(dataset, key, [row(1)]) for key in ("a", "b")}
    dataset.commit(first, run="test", state={"cursor": 1})
    add(dataset, "b", 2)
    dataset.commit({}, run="test", state={"cursor": 2})
    forget(dataset, "a")
    restored = dataset.restore(1, run="test")
    assert list(restored.entries) == ["b"]
    assert held(dataset, "b") == [1]
    assert restored.state["cursor"] == 1
    assert forgotten.keys(restored.state) == {"a"}


def test_a_restored_version_keeps_nothing_out_that_is_allowed_again(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    forget(dataset, "a")
    dataset.commit({}, run="test", state=forgotten.allowed("a"))
    add(dataset, "a", 7)
    restored = dataset.restore(2, run="test")
    assert (forgotten.keys(restored.state), list(restored.entries)) == (frozenset(), [])


def test_what_is_allowed_again_may_be_committed(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    forget(dataset, "a")
    dataset.commit({}, run="test", state=forgotten.allowed("a"))
    add(dataset, "a", 5)
    assert held(dataset, "a") == [5]


def test_what_is_kept_out_now_is_told_to_readers_of_older_versions(dataset: Dataset) -> None:
    assert forgotten.since(dataset) == frozenset()
    add(dataset, "a", 1)
    forget(dataset, "a")
    add(dataset, "b", 1)
    assert forgotten.since(dataset) == {"a"}
    dataset.commit({}, run="test", state=forgotten.allowed("a"))
    assert forgotten.since(dataset) == frozenset()
