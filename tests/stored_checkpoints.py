"""Checkpoints of a few bytes in a store whose transfers can be held up, and the disks before it."""

import contextlib
import threading
from pathlib import Path

import torch

from codekiln.core.storage.local import LocalFolder
from codekiln.core.training import object_store, state
from codekiln.core.training.checkpoint import Checkpoint
from codekiln.core.training.early_stopping import Standing
from codekiln.core.training.object_store import ObjectStore


def made(value: float, best_step: int = 0) -> Checkpoint:
    """Make a checkpoint whose weights, optimizer and loss follow from `value`."""
    held = state.State(fingerprint="f", losses=[value], standing=Standing(best_step=best_step))
    return Checkpoint(
        weights={"w": torch.full((4,), value)},
        optimizer={"m": torch.full((4,), -value)},
        state=held.to_json(),
    )


class Watched(LocalFolder):
    """A store whose transfers can be held up, or fail."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.open = threading.Event()
        self.open.set()
        self.failure: Exception | None = None
        self.uploaded: list[str] = []
        self.fetched: list[str] = []

    def upload(self, name: str, path: Path, *, sha256: str | None = None) -> None:
        assert self.open.wait(30)
        if self.failure:
            raise self.failure
        super().upload(name, path, sha256=sha256)
        self.uploaded.append(name)

    def download(self, name: str, path: Path) -> None:
        if self.failure:
            raise self.failure
        super().download(name, path)
        self.fetched.append(name)


class Disks:
    """Opens the store, on an empty disk each time unless told otherwise."""

    def __init__(self, remote: Watched, folder: Path) -> None:
        self.remote, self.folder, self.count = remote, folder, 0

    def opened(self, *, same: bool = False) -> contextlib.AbstractContextManager[ObjectStore]:
        self.count += not same
        return object_store.opened(self.remote, self.folder / str(self.count))


def value(found: Checkpoint | None) -> float:
    """Return the value that a checkpoint was made with."""
    assert found
    return float(found.weights["w"][0])


def blobs(remote: Watched) -> list[str]:
    """Return the names of the files that are stored."""
    return list(remote.names(object_store.BLOBS))
