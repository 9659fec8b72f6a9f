"""Folders for what a run needs while it lives; what killed ones left goes when the next asks.

Each holds a lock (flock) that its run holds as long as it lives. The system takes it back however
the run ends, so whoever gets the lock knows that the owner is gone: no process number is asked, and
runs in other containers that share the place are seen too. What has no lock is left alone.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK = ".codekiln-lock"


@contextlib.contextmanager
def run_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Give a folder in `parent` (the system's place if None) for a block; no two have one name.

    Before, folders whose names begin with `prefix` are removed if their runs were killed.
    """
    place = Path(tempfile.gettempdir()) if parent is None else parent
    remove_abandoned(place, prefix)
    made = tempfile.TemporaryDirectory(prefix=prefix, dir=place)
    # Locked until it is removed.
    with _locked(Path(made.name)), made as path:
        yield Path(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a new folder for a block."""
    new = path / f"{LOCK}.new"
    with new.open("wb") as file:
        # A file system that knows no locks: then nobody can tell, and the folder stays.
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Named when it is held, so nobody finds it free before.
            new.rename(path / LOCK)
        yield


def remove_abandoned(place: Path, prefix: str) -> None:
    """Remove the folders in `place` whose runs are gone; those of other users stay."""
    for path in place.glob(f"{prefix}*"):
        # Held by one that lives, without a lock, or gone meanwhile.
        with contextlib.suppress(OSError):
            if _is_own_folder(path):
                _remove_free(path)


def _is_own_folder(path: Path) -> bool:
    # Not followed: where anybody may write, a link may lead to anything.
    told = path.lstat()
    return stat.S_ISDIR(told.st_mode) and told.st_uid == os.geteuid()


def _remove_free(path: Path) -> None:
    """Remove a folder; raises OSError if its lock is held, or it has none."""
    with (path / LOCK).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock last: killed in between, the rest is the next one's.
        for one in path.iterdir():
            if one.name != LOCK:
                shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
        shutil.rmtree(path)
