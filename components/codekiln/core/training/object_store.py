"""Checkpoints in object storage, so that a run outlives its machine.

commits/step-00000120.json    {"weights.safetensors": {"bytes": ..., "sha256": ...}, ...}
blobs/5f2a...                 a file, named by its digest: weights that are also the best lie once
lease/00000003.json           who writes here

A checkpoint is there from the moment its commit is, which is written last and removed first. It is
written onto the local disk, and uploaded from there while the training goes on; what is asked of it
meanwhile is answered from the disk. A folder of the disk that is still there at a restart is used
if its bytes are those of the commit.
"""

import contextlib
import dataclasses
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from codekiln.core import digest
from codekiln.core.storage import lease
from codekiln.core.storage.lease import Lease
from codekiln.core.storage.objects import DamagedError, MissingError, Objects
from codekiln.core.training.background import Background
from codekiln.core.training.checkpoint import PARTIAL, LocalStore

logger = logging.getLogger(__name__)

COMMITS = "commits/"
BLOBS = "blobs/"
UPLOADS = 2
"""Checkpoints that may wait for their upload: the end of an epoch writes two, best and newest."""


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """One file of a checkpoint."""

    bytes: int
    sha256: str

    @property
    def blob(self) -> str:
        """Return the name of its object."""
        return BLOBS + self.sha256


Commit = dict[str, File]
"""The files of a checkpoint by name."""


@contextlib.contextmanager
def opened(objects: Objects, root: Path) -> Iterator["ObjectStore"]:
    """Give the checkpoints in `objects`, to this run alone; `root` is its folder on the disk.

    All uploads are finished when the block ends, but for a KeyboardInterrupt, which ends at once.
    Raises InputError if another run holds one or the other, and what an upload could not do.
    """
    closing = contextlib.closing(LocalStore(root, durable=False))
    with closing as local, lease.held(objects) as held:
        store = ObjectStore(objects, local, held)
        try:
            yield store
        except KeyboardInterrupt:
            store.abandon()
            raise
        finally:
            store.finish()


class ObjectStore:
    """A prefix of a store, for one run at a time, with a folder of the local disk before it."""

    def __init__(self, objects: Objects, local: LocalStore, held: Lease) -> None:
        """Use what `held` guards; drop what a killed run left half."""
        self.root = local.root
        self._objects, self._local, self._lease = objects, local, held
        self._commits = dict(self._committed())
        self._names = set(self._commits)
        self._at_hand: set[str] = set()
        """Names whose local folders are known to be right."""
        self._spoiled: set[str] = set()
        """Blobs that did not come back as they went: the same bytes are to go up again."""
        self._drop_leftovers()
        self._uploads = Background(UPLOADS)
        self._number = 0

    def finish(self) -> None:
        """Wait until all is uploaded; raises what an upload could not do."""
        self._uploads.finish()

    def abandon(self) -> None:
        """Begin no other upload; one that is not finished never looks so."""
        self._uploads.abandon()

    # --- what the engine asks ---

    @contextlib.contextmanager
    def write(self, name: str) -> Iterator[Path]:
        """Fill a folder of the disk; its upload begins when the block ends.

        Waits while too many uploads are under way; raises what one of them could not do.
        """
        self._uploads.wait_for_room()
        with self._local.write(name) as folder:
            yield folder
        self._number += 1
        # Links, for the checkpoint may be replaced or removed before it is uploaded.
        waiting = self.root / f"{PARTIAL}upload-{self._number}"
        shutil.copytree(self.root / name, waiting, copy_function=os.link)
        self._names.add(name)
        self._at_hand.add(name)
        self._uploads.submit(lambda: self._commit(name, waiting), is_large=True)

    def names(self) -> list[str]:
        """Return the names of the checkpoints, sorted."""
        return sorted(self._names)

    def read(self, name: str, file: str) -> str:
        """Return the text of one file of `name`."""
        if name in self._at_hand:
            return self._local.read(name, file)
        told = self._commit_of(name).get(file)
        if told is None:
            raise DamagedError(f"checkpoint {name} in {self._objects.uri} lacks {file}; remove it")
        return self._objects.read(told.blob).decode()

    def open(self, name: str) -> Path:
        """Return a local folder with the files of `name`; what is damaged lacks some or all."""
        if name in self._names and name not in self._at_hand and not self._is_here(name):
            try:
                self._download(name)
            except (DamagedError, MissingError) as error:
                logger.warning("checkpoint %s: %s", name, error)
                self._spoiled |= {file.blob for file in self._commit_of(name).values()}
                self._local.remove(name)
            self._at_hand.add(name)
        return self._local.open(name)

    def remove(self, name: str) -> None:
        """Remove `name`, after what is still to be uploaded before it."""
        self._local.remove(name)
        self._names.discard(name)
        self._at_hand.discard(name)
        self._uploads.submit(lambda: self._forget(name), is_large=False)

    # --- in the background, in the order that was asked ---

    def _commit(self, name: str, folder: Path) -> None:
        started = time.monotonic()
        commit = {path.name: _file(path) for path in sorted(folder.iterdir())}
        for file, told in commit.items():
            if told.blob not in self._held() or told.blob in self._spoiled:
                self._objects.upload(told.blob, folder / file, sha256=told.sha256)
                self._spoiled.discard(told.blob)
        self._lease.check()
        self._objects.write(_commit_name(name), _to_json(commit))
        before, self._commits[name] = self._commit_of(name), commit
        self._drop_blobs(before)
        shutil.rmtree(folder)
        logger.info(
            "checkpoint %s is in %s (%.1f MB in %.1f s)",
            name,
            self._objects.uri,
            sum(file.bytes for file in commit.values()) / 1e6,
            time.monotonic() - started,
        )

    def _forget(self, name: str) -> None:
        self._lease.check()
        self._objects.delete(_commit_name(name))
        self._drop_blobs(self._commits.pop(name, {}))

    def _drop_blobs(self, commit: Commit) -> None:
        """Delete the files of `commit` that no other has."""
        for blob in {file.blob for file in commit.values()} - self._held():
            self._objects.delete(blob)

    def _commit_of(self, name: str) -> Commit:
        """Return the files of `name`; none if it is not there."""
        return self._commits.get(name, {})

    def _held(self) -> set[str]:
        return {file.blob for commit in self._commits.values() for file in commit.values()}

    # --- at the start ---

    def _committed(self) -> Iterator[tuple[str, Commit]]:
        for name in self._objects.names(COMMITS):
            step = name.removeprefix(COMMITS).removesuffix(".json")
            try:
                yield step, _from_json(self._objects.read(name))
            except (DamagedError, ValueError, TypeError, AttributeError):
                logger.warning("checkpoint %s: its commit is damaged; it is removed", step)
                self._objects.delete(name)

    def _drop_leftovers(self) -> None:
        """Remove files without a commit, here and there."""
        self._objects.drop_unfinished()
        left = [blob for blob in self._objects.names(BLOBS) if blob not in self._held()]
        if left:
            logger.info("removing %d files that a stopped run had not committed", len(left))
        for blob in left:
            self._objects.delete(blob)
        for name in set(self._local.names()) - self._names:
            self._local.remove(name)

    def _is_here(self, name: str) -> bool:
        folder, commit = self._local.open(name), self._commit_of(name)
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        return there == set(commit) and all(_file(folder / f) == commit[f] for f in commit)

    def _download(self, name: str) -> None:
        logger.info("fetching checkpoint %s from %s", name, self._objects.uri)
        with self._local.write(name) as folder:
            for file, told in self._commit_of(name).items():
                self._objects.download(told.blob, folder / file)


def _file(path: Path) -> File:
    return File(bytes=path.stat().st_size, sha256=digest.of_file(path))


def _commit_name(name: str) -> str:
    return f"{COMMITS}{name}.json"


def _to_json(commit: Commit) -> bytes:
    return json.dumps({name: dataclasses.asdict(file) for name, file in commit.items()}).encode()


def _from_json(data: bytes) -> Commit:
    return {name: File(**told) for name, told in json.loads(data).items()}
