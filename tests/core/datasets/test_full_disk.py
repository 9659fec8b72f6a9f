"""No space left, at each write in turn: one clear error, and a whole data set that goes on."""

import errno
import os
from datetime import timedelta
from itertools import count
from pathlib import Path

import data_sets
import killed_data_sets
import pytest
from data_sets import Call, Watched

from codekiln.core.datasets import sweeps
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.program import of_os_error
from codekiln.core.storage import probe
from codekiln.core.storage.local import LocalFolder

WRITES = ("write", "upload")


class Full:
    """Lets the write with this number fail, and all that follow."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.has_failed = False

    def __call__(self, call: Call) -> None:
        self.left -= call[0] in WRITES
        if self.left <= 0 and call[0] in WRITES:
            self.has_failed = True
            raise OSError(errno.ENOSPC, "No space left on device", call[1])


def told(folder: Path, full: Full) -> str:
    """Return what a run says that meets `full`, nothing if it does not."""
    try:
        killed_data_sets.work(Dataset(Watched(folder, full)))
    except OSError as error:
        return str(of_os_error(error))
    return ""


def test_a_full_disk_ends_the_run_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "ROUNDS", 0)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    # The run that could not go on was of this process, which lives.
    monkeypatch.setattr(sweeps, "is_gone", lambda _: True)
    for at in count(1):
        folder, full = tmp_path / str(at), Full(at)
        said = told(folder, full)
        assert said.startswith("no space left on the device for ") == full.has_failed
        assert not list(folder.rglob("*.partial"))
        killed_data_sets.read(Dataset(LocalFolder(folder)))
        dataset = Dataset(LocalFolder(folder))
        killed_data_sets.work(dataset)
        assert killed_data_sets.read(dataset) == killed_data_sets.WANTED
        if not full.has_failed:
            break
    assert at > 20


def test_a_prune_frees_space_on_a_full_disk_or_says_that_there_is_none(tmp_path: Path) -> None:
    dataset = Dataset(LocalFolder(tmp_path))
    for number in (1, 2, 3):
        data_sets.add(dataset, "a", number)
    with pytest.raises(OSError, match="No space left"):
        Dataset(Watched(tmp_path, Full(1))).prune(keep=1, grace=timedelta(0))
    assert data_sets.held(dataset, "a") == [1, 2, 3]
