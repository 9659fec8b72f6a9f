"""Folders of runs, and what is left of those that were killed."""

import fcntl
import os
import signal
from pathlib import Path

import pytest
from killing import in_child

from codekiln.core import scratch
from codekiln.core.scratch import LOCK


def killed(parent: Path, name: str = "x-") -> Path:
    """Let a run be killed in its folder; return that."""
    before = set(parent.iterdir())

    def run() -> None:
        with scratch.run_folder(name, parent) as made:
            (made / "deep/er").mkdir(parents=True)
            (made / "deep/er/file").write_bytes(b"data")
            (made / "link").symlink_to(parent)
            os.kill(os.getpid(), signal.SIGKILL)

    assert os.WTERMSIG(in_child(run)) == signal.SIGKILL
    [left] = set(parent.iterdir()) - before
    return left


def test_a_folder_is_there_for_a_block_and_gone_after_it_even_if_it_fails(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), scratch.run_folder("x-", tmp_path) as made:
        made.write_bytes(b"data")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_goes_when_the_next_asks_for_a_folder(tmp_path: Path) -> None:
    left, other = killed(tmp_path), killed(tmp_path, "y-")
    assert (left / "deep/er/file").exists()
    with scratch.run_folder("x-", tmp_path) as made:
        assert set(tmp_path.iterdir()) == {made, other}


def test_folders_of_runs_that_live_stay_those_of_one_process_too(tmp_path: Path) -> None:
    with scratch.run_folder("x-", tmp_path) as one, scratch.run_folder("x-", tmp_path) as two:
        scratch.remove_abandoned(tmp_path, "x-")
        assert set(tmp_path.iterdir()) == {one, two}


def test_one_that_is_not_locked_yet_or_never_was_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x-new").mkdir()
    (tmp_path / "x-new" / f"{LOCK}.new").write_bytes(b"")
    (tmp_path / "x-file").write_bytes(b"")
    scratch.remove_abandoned(tmp_path, "x-")
    assert len(list(tmp_path.rglob("*"))) == 3


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    for name in ("data", LOCK):
        (tmp_path / "precious" / name).write_bytes(b"")
    (tmp_path / "x-link").symlink_to(tmp_path / "precious")
    scratch.remove_abandoned(tmp_path, "x-")
    assert (tmp_path / "precious" / "data").exists()


def test_a_removal_that_was_killed_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = killed(tmp_path)

    def dying(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", dying)
        with pytest.raises(KeyboardInterrupt):
            scratch.remove_abandoned(tmp_path, "x-")
    assert (left / LOCK).exists()
    scratch.remove_abandoned(tmp_path, "x-")
    assert not left.exists()


def test_where_nothing_can_be_locked_the_folder_is_given_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(fcntl, "flock", refused)
    with scratch.run_folder("x-", tmp_path) as one, scratch.run_folder("x-", tmp_path):
        assert one.exists()
    assert not list(tmp_path.iterdir())
