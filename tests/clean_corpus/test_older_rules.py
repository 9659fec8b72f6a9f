"""Indexes of older rules go when nobody uses them, and what is left of one does no harm."""

import time
from pathlib import Path

import pytest

from codekiln.clean_corpus import near_index, older_rules
from codekiln.core.datasets import held
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.storage import folders
from codekiln.core.storage.lease import Pace
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import open_store

HASTE = Pace(beat_s=0.05, expiry_s=5.0, patience_s=0.1)


def index(near: Path, rules: str) -> Dataset:
    """Make an index with an entry and an orphan."""
    made = Dataset(LocalFolder(near / rules))
    path = near / "file"
    for content in (b"one", b"an orphan"):
        path.write_bytes(content)
        shard = made.put(path, rows=1, first=0, last=0)
    made.commit({"night": lambda _: Entry("night", {"signatures": [shard]}, {})}, run="test")
    path.unlink()
    return made


def test_only_the_index_of_todays_rules_is_left(corpus: str) -> None:
    for rules in ("old", "older", "new"):
        open_store(corpus).write(f"{rules}/v/00000001.json", b"{}")
        open_store(corpus).write(f"{rules}/s/one.parquet", b"one")
    older_rules.remove(corpus, "new")
    assert list(open_store(corpus).names()) == ["new/s/one.parquet", "new/v/00000001.json"]


def test_of_a_folder_nothing_is_left(tmp_path: Path) -> None:
    index(tmp_path, "old"), index(tmp_path, "new")
    (tmp_path / "old/s/half.partial").write_bytes(b"half")
    older_rules.remove(str(tmp_path), "new")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_one_that_another_holds_stays_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("codekiln.core.datasets.held.writer.__wrapped__.__defaults__", (HASTE,))
    old = index(tmp_path, "old")
    with held.writer(old.store, near_index.WRITER):
        older_rules.remove(str(tmp_path), "new")
    assert "an index of older rules stays for now: another run" in caplog.text
    assert old.newest().entries
    older_rules.remove(str(tmp_path), "new")
    assert not list(tmp_path.iterdir())


def test_no_sign_of_life_comes_back_after_its_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codekiln.core.datasets.held.writer.__wrapped__.__defaults__", (HASTE,))
    index(tmp_path, "old")
    removed = folders.remove

    def slow(uri: str, first: str = "", but: str | None = None) -> None:
        removed(uri, first, but)
        time.sleep(5 * HASTE.beat_s)

    monkeypatch.setattr(folders, "remove", slow)
    older_rules.remove(str(tmp_path), "new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("deletes", range(1, 6))
def test_killed_while_it_removes_one_it_leaves_no_version_that_lacks_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deletes: int
) -> None:
    delete, left = LocalFolder.delete, iter(range(deletes))

    def dying(self: LocalFolder, name: str) -> None:
        if self.uri.endswith("/old") and next(left, None) is None:
            raise KeyboardInterrupt
        delete(self, name)

    old = index(tmp_path, "old")
    old.commit({"more": lambda _: Entry("more", {}, {})}, run="test")
    with monkeypatch.context() as patch:
        patch.setattr(LocalFolder, "delete", dying)
        with pytest.raises(KeyboardInterrupt):
            older_rules.remove(str(tmp_path), "new")
    again = Dataset(LocalFolder(tmp_path / "old"))
    assert all(list(again.entries(one)) for one in again.versions())
    index(tmp_path, "old")
    older_rules.remove(str(tmp_path), "new")
    assert not list(tmp_path.iterdir())
