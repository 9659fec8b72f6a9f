"""Checkpoints: written whole or not at all, and never trusted without their digests.

step-00000120/  weights.safetensors  optimizer.safetensors  state.json  digests.json
best-00000096/  weights.safetensors  digests.json           weights of the best epoch so far

Every file of the engine goes through this module, and all of it through a Store: a folder here,
object storage (object_store.py) where a run outlives its disk.
"""

import contextlib
import dataclasses
import errno
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from codekiln.core import digest
from codekiln.core.errors import InputError

logger = logging.getLogger(__name__)

WEIGHTS = "weights.safetensors"
OPTIMIZER = "optimizer.safetensors"
STATE = "state.json"
DIGESTS = "digests.json"
PARTIAL = ".partial-"

Tensors = dict[str, torch.Tensor]


class Store(Protocol):
    """Where checkpoints live: named folders that are there whole, or not there."""

    root: Path
    """A folder on the local disk that it uses."""

    def write(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """Give an empty folder to fill; it becomes `name` when the block ends without error."""
        ...

    def names(self) -> list[str]:
        """Return the names of what was written whole, sorted."""
        ...

    def read(self, name: str, file: str) -> str:
        """Return the text of one file of `name`."""
        ...

    def open(self, name: str) -> Path:
        """Return a local folder with the files of `name`."""
        ...

    def remove(self, name: str) -> None:
        """Remove `name`."""
        ...


class LocalStore:
    """A folder on a disk, for one run at a time."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        """Take `root`, or raise InputError if another run holds it; drop what a kill left half.

        Without `durable`, a crash of the machine may lose what was written, though no kill does.
        """
        root.mkdir(parents=True, exist_ok=True)
        self.root, self._durable = root, durable
        self._lock = (root / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise InputError(
                f"another run is writing checkpoints into {root}; wait for it or stop it"
            ) from error
        for half in root.glob(PARTIAL + "*"):
            logger.info("removing the half-written checkpoint %s", half.name)
            shutil.rmtree(half)

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()

    @contextlib.contextmanager
    def write(self, name: str) -> Iterator[Path]:
        """Fill a folder beside the others, flush it to the disk, then give it its name."""
        partial = self.root / (PARTIAL + name)
        partial.mkdir()
        try:
            yield partial
            for path in [*partial.iterdir(), partial]:
                self._flush(path)
            self.remove(name)
            partial.rename(self.root / name)
            self._flush(self.root)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def names(self) -> list[str]:
        """Return the names of the checkpoints, sorted."""
        return sorted(p.name for p in self.root.iterdir() if p.is_dir() and p.name[0] != ".")

    def read(self, name: str, file: str) -> str:
        """Return the text of one file of `name`."""
        return (self.root / name / file).read_text(encoding="utf-8")

    def open(self, name: str) -> Path:
        """Return the folder of `name`."""
        return self.root / name

    def remove(self, name: str) -> None:
        """Remove `name`, if it is there; what a kill leaves of it the next run drops."""
        if (self.root / name).exists():
            gone = self.root / f"{PARTIAL}gone-{name}"
            (self.root / name).rename(gone)
            shutil.rmtree(gone)

    def _flush(self, path: Path) -> None:
        if self._durable:
            flush(path)


def flush(path: Path) -> None:
    """Ask the system to put `path`, a file or a folder, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """All that a run needs to go on as if nothing had happened."""

    weights: Tensors
    optimizer: Tensors
    """Moments of the optimizer and states of the generators."""
    state: str


def name_of(step: int) -> str:
    """Return the name of the checkpoint of `step`."""
    return f"step-{step:08d}"


def best_name(step: int) -> str:
    """Return the name of the best weights, which `step` gave."""
    return f"best-{step:08d}"


def save(store: Store, step: int, checkpoint: Checkpoint) -> None:
    """Write the checkpoint of `step`; raises InputError if the disk is full."""
    with full_disk_told(), store.write(name_of(step)) as folder:
        save_file(checkpoint.weights, folder / WEIGHTS)
        save_file(checkpoint.optimizer, folder / OPTIMIZER)
        (folder / STATE).write_text(checkpoint.state, encoding="utf-8")
        seal(folder)


def save_best(store: Store, step: int, weights: Tensors) -> None:
    """Write the weights of the best epoch, which ended at `step`."""
    with full_disk_told(), store.write(best_name(step)) as folder:
        save_file(weights, folder / WEIGHTS)
        seal(folder)


def seal(folder: Path) -> None:
    """Write the digest of every file beside them."""
    digests = {file.name: digest.of_file(file) for file in sorted(folder.iterdir())}
    (folder / DIGESTS).write_text(json.dumps(digests), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Say whether every file of `folder` is what was written."""
    try:
        digests = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
        return all(digest.of_file(folder / name) == told for name, told in digests.items())
    except (OSError, ValueError, AttributeError):
        return False


def latest(store: Store) -> Checkpoint | None:
    """Read the newest checkpoint that is whole, and whose best weights are; None: there is none."""
    for name in reversed(_steps(store)):
        folder = store.open(name)
        if is_whole(folder) and _has_its_best(store, folder):
            return Checkpoint(
                weights=load_file(folder / WEIGHTS),
                optimizer=load_file(folder / OPTIMIZER),
                state=(folder / STATE).read_text(encoding="utf-8"),
            )
        logger.warning("checkpoint %s is damaged; taking the one before", name)
        store.remove(name)
    return None


def _has_its_best(store: Store, folder: Path) -> bool:
    state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    step = state["standing"]["best_step"]
    return not step or is_whole(store.open(best_name(step)))


def load_best(store: Store, step: int) -> Tensors:
    """Read the weights of the best epoch; raises InputError if they are damaged."""
    folder = store.open(best_name(step))
    if not is_whole(folder):
        raise InputError(f"{folder} is damaged; remove the checkpoints and train again")
    return load_file(folder / WEIGHTS)


def prune(store: Store, keep: int) -> None:
    """Remove all but the `keep` newest checkpoints, and best weights that none of them needs."""
    steps = _steps(store)
    for name in steps[:-keep]:
        store.remove(name)
    needed = set()
    for name in steps[-keep:]:
        state = json.loads(store.read(name, STATE))
        needed.add(best_name(state["standing"]["best_step"]))
    for name in store.names():
        if name.startswith("best-") and name not in needed:
            store.remove(name)


def _steps(store: Store) -> list[str]:
    return [name for name in store.names() if name.startswith("step-")]


@contextlib.contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn a full disk into an InputError, whichever library found it full."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        # safetensors writes in Rust, and hands the number on as text.
        if full or f"os error {errno.ENOSPC}" in str(error):
            raise InputError(
                "no space left on the device: free some or choose another folder, then run again; "
                "the checkpoint before is whole"
            ) from error
        raise
