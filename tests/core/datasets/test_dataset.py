import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from data_sets import add, held

from codekiln.core.datasets.contents import entry_name
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.version import sha256
from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import DamagedError


def entry(key: str, **state: object) -> Entry:
    return Entry(key, {}, state)


def test_an_empty_place_holds_no_version(dataset: Dataset) -> None:
    assert dataset.head() is None
    assert list(dataset.versions()) == []
    with pytest.raises(InputError, match="holds no data set"):
        dataset.version("newest")


def test_a_commit_makes_a_version_that_says_what_it_is(dataset: Dataset) -> None:
    moment = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    dataset = Dataset(dataset.store, now=lambda: moment)
    made = dataset.commit(
        {"k": lambda _: entry("k", cursor=1)}, run="nightly", note="one", state={"as_of": "x"}
    )
    read = Dataset(dataset.store).version(1)
    assert read == made
    assert (read.number, read.parent, read.run, read.note) == (1, None, "nightly", "one")
    assert (read.created, read.state) == ("2026-11-21T06:30:00+00:00", {"as_of": "x"})
    assert dataset.entry(read, "k") == entry("k", cursor=1)
    assert dataset.entry(read, "another") is None


def test_older_versions_stay_as_they_were(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    add(dataset, "a", 2)
    add(dataset, "b", 3)
    assert [held(dataset, "a", n) for n in (1, 2, 3)] == [[1], [1, 2], [1, 2]]
    assert [(v.number, v.parent) for v in dataset.versions()] == [(3, 2), (2, 1), (1, None)]


def test_a_change_sees_what_stands_and_none_for_what_does_not(dataset: Dataset) -> None:
    seen: list[Entry | None] = []

    def change(before: Entry | None) -> Entry:
        seen.append(before)
        return entry("k", count=len(seen))

    for _ in range(2):
        dataset.commit({"k": change}, run="test")
    assert seen == [None, entry("k", count=1)]


def test_a_change_to_none_takes_the_key_away(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    version = dataset.commit({"a": lambda _: None, "b": lambda _: None}, run="test")
    assert version.entries == {}


def test_changes_that_change_nothing_make_no_version(dataset: Dataset) -> None:
    add(dataset, "a", 1, 2)
    add(dataset, "a", 2)
    assert dataset.newest().number == 1


def test_the_first_commit_makes_a_version_though_it_is_empty(dataset: Dataset) -> None:
    assert dataset.commit({}, run="test").number == 1
    assert dataset.commit({}, run="test").number == 1


def test_state_is_put_over_state_key_by_key(dataset: Dataset) -> None:
    dataset.commit({}, run="test", state={"a": 1, "b": 2})
    dataset.commit({}, run="test", state={"b": 3, "c": [4]})
    assert dataset.commit({}, run="test", state={"a": None}).state == {"b": 3, "c": [4]}


def test_a_change_must_keep_its_key(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="gave the entry of 'b'"):
        dataset.commit({"a": lambda _: entry("b")}, run="test")


def test_equal_contents_have_equal_digests_whenever_they_were_written(dataset: Dataset) -> None:
    add(dataset, "a", 1, 2)
    add(dataset, "a", 3)
    dataset.commit({"a": lambda _: None}, run="test")
    add(dataset, "a", 3, 1, 2)
    assert dataset.version(4).entries == dataset.version(2).entries


# --- names ---


def test_a_version_is_found_by_number_by_name_and_as_the_newest(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.name(1, "before-retrain")
    add(dataset, "a", 2)
    found = [dataset.version(which).number for which in (1, "1", "before-retrain", "newest", 2)]
    assert found == [1, 1, 1, 2, 2]
    assert dataset.names() == {"before-retrain": 1}


def test_a_commit_may_name_its_version(dataset: Dataset) -> None:
    dataset.commit({"a": lambda _: entry("a")}, run="test", name="nightly-1")
    assert dataset.version("nightly-1").number == 1


def test_a_name_stays_with_its_version(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.name(1, "mine")
    dataset.name(1, "mine")
    with pytest.raises(InputError, match="calls version 1 mine already"):
        dataset.commit({"b": lambda _: entry("b")}, run="test", name="mine")
    assert dataset.newest().number == 1
    add(dataset, "a", 2)
    with pytest.raises(InputError, match="calls version 1 mine already"):
        dataset.name(2, "mine")


def test_a_name_that_was_taken_away_is_free(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.name(1, "mine")
    dataset.unname("mine")
    assert dataset.names() == {}
    with pytest.raises(InputError, match="no version called mine"):
        dataset.unname("mine")


@pytest.mark.parametrize("name", ["", "12", "newest", "a/b", "../x", ".hidden", "x" * 101, "ä"])
def test_what_is_no_name_is_refused(dataset: Dataset, name: str) -> None:
    add(dataset, "a", 1)
    with pytest.raises(InputError, match="no name for a version"):
        dataset.name(1, name)


@pytest.mark.parametrize("which", [7, "7"])
def test_a_version_that_is_not_there_is_told(dataset: Dataset, which: int | str) -> None:
    add(dataset, "a", 1)
    with pytest.raises(InputError, match="no version 7: the newest is 1"):
        dataset.version(which)


def test_an_unknown_name_is_told_with_those_that_are_known(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.name(1, "mine")
    with pytest.raises(InputError, match="no version called yours; names: mine"):
        dataset.version("yours")


def test_a_version_that_is_not_there_gets_no_name(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    with pytest.raises(InputError, match="no version 2"):
        dataset.name(2, "mine")
    assert dataset.names() == {}


# --- restoring ---


def test_a_restored_version_is_a_new_one_with_the_old_contents(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    dataset.commit({}, run="test", state={"as_of": 1})
    add(dataset, "a", 2)
    dataset.commit({"b": lambda _: entry("b")}, run="test", state={"as_of": 2, "more": 3})
    restored = dataset.restore(2, run="people", name="back")
    older = dataset.version(2)
    assert (restored.number, restored.parent, restored.note) == (5, 4, "restores 2")
    assert (restored.entries, restored.state) == (older.entries, older.state)
    assert held(dataset, "a") == [1]
    assert held(dataset, "a", 4) == [1, 2]
    assert dataset.version("back") == restored


def test_restoring_what_is_there_makes_no_version(dataset: Dataset) -> None:
    add(dataset, "a", 1)
    assert dataset.restore(1, run="people").number == 1


# --- damage ---


def damaged(dataset: Dataset, kind: str, content: bytes | None) -> Dataset:
    """Replace the newest object of this kind, or remove it; return the data set opened anew."""
    names = sorted(dataset.store.names(kind))
    path = Path(dataset.store.location(names[-1]))
    path.unlink() if content is None else path.write_bytes(content)
    return Dataset(dataset.store)


@pytest.fixture
def whole(tmp_path: Path) -> Dataset:
    dataset = Dataset(LocalFolder(tmp_path))
    add(dataset, "a", 1)
    dataset.commit({}, run="test", state={"more": 1})
    return dataset


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"digest": "x"', b"\xff"])
def test_a_damaged_version_is_told_and_the_one_before_is_left(
    whole: Dataset, content: bytes
) -> None:
    broken = damaged(whole, "v/", content)
    with pytest.raises(DamagedError, match=r"00000002.json is damaged: .*; remove it") as caught:
        broken.head()
    assert "\n" not in str(caught.value)
    damaged(whole, "v/", None)
    assert held(Dataset(whole.store), "a") == [1]


def test_a_version_that_says_something_else_than_was_written_is_damaged(whole: Dataset) -> None:
    data = whole.newest().to_json().replace(b'"more":1', b'"more":2')
    with pytest.raises(DamagedError, match="its digest is another"):
        damaged(whole, "v/", data).head()


def test_a_version_of_a_later_format_is_not_read(whole: Dataset) -> None:
    data = whole.newest().to_json().replace(b"data set 1", b"data set 9")
    with pytest.raises(InputError, match=r"newer codekiln .* 'codekiln data set 9'.*: update"):
        damaged(whole, "v/", data).head()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"key":"a","state":{},"tables":{}}'])
def test_a_damaged_entry_is_told(whole: Dataset, content: bytes) -> None:
    with pytest.raises(DamagedError, match=r"/e/\w+.json is damaged: .*codekiln data restore"):
        held(damaged(whole, "e/", content), "a")


def test_a_missing_entry_is_told(whole: Dataset) -> None:
    with pytest.raises(DamagedError, match=r"/e/\w+.json is missing: .*codekiln data restore"):
        held(damaged(whole, "e/", None), "a")


@pytest.mark.parametrize("content", [b"", b"PAR1 is not all"])
def test_a_damaged_shard_is_told(whole: Dataset, content: bytes) -> None:
    with pytest.raises(DamagedError, match=r"/s/\w+.parquet is damaged: .*codekiln data restore"):
        held(damaged(whole, "s/", content), "a")


def test_a_missing_shard_is_told(whole: Dataset) -> None:
    with pytest.raises(DamagedError, match=r"/s/\w+.parquet is missing: .*codekiln data restore"):
        held(damaged(whole, "s/", None), "a")


def test_a_damaged_shard_is_put_right_by_putting_it_again(whole: Dataset) -> None:
    add(damaged(whole, "s/", b"short"), "b", 1)
    assert held(whole, "a") == [1]


def test_a_damaged_name_is_told(whole: Dataset) -> None:
    whole.name(1, "mine")
    with pytest.raises(DamagedError, match=r"mine.json is damaged: .*; remove it, and name"):
        damaged(whole, "names/", b"{}").version("mine")


def test_what_is_damaged_cannot_be_restored(whole: Dataset) -> None:
    lost = entry_name(whole.newest().entries["a"])
    add(whole, "a", 2)
    whole.store.write(lost, b"")
    with pytest.raises(DamagedError, match="is damaged"):
        Dataset(whole.store).restore(1, run="people")
    assert held(whole, "a") == [1, 2]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"format": "codekiln data set 2"}, r"written by a newer codekiln \(.*\): update codekiln"),
        ({"more": 1}, "is damaged: it has other fields than a version; remove it"),
    ],
)
def test_a_version_of_a_later_program_is_told_from_a_damaged_one(
    tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    store = LocalFolder(tmp_path)
    Dataset(store).commit({}, run="r")
    told = json.loads(store.read("v/00000001.json")) | more
    told.pop("digest")
    text = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    told["digest"] = sha256(text)
    store.write("v/00000001.json", json.dumps(told).encode())
    with pytest.raises(InputError, match=said) as caught:
        Dataset(store).head()
    assert isinstance(caught.value, DamagedError) == ("more" in more)
