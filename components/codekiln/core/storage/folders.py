"""Whole folders, to and from a store; many small files travel side by side."""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from codekiln.core.storage.objects import Objects, is_remote, local_path, open_store

WORKERS = 16
"""Small objects cost a round trip each; a store hides the latency of this many."""


def upload(store: Objects, folder: Path, prefix: str = "") -> list[str]:
    """Write every file under `folder` below `prefix`; return their names, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {_joined(prefix, path.relative_to(folder).as_posix()): path for path in paths}
    _each(lambda name: store.upload(name, named[name]), named)
    return list(named)


def download(store: Objects, folder: Path, prefix: str = "") -> list[str]:
    """Write every object below `prefix` into `folder`; return their names without it, sorted."""
    start = _joined(prefix, "")
    found = [name.removeprefix(start) for name in store.names(start)]
    _each(lambda name: store.download(start + name, folder / name), found)
    return found


def remove(uri: str, first: str) -> None:
    """Remove all that lies under `uri`, names that begin with `first` before any others.

    For whoever alone writes there.
    """
    store = open_store(uri)
    names = list(store.names())
    _each(store.delete, [name for name in names if name.startswith(first)])
    _each(store.delete, [name for name in names if not name.startswith(first)])
    store.drop_unfinished()
    if not is_remote(uri):
        # Folders are left, and perhaps the sign of life of whoever holds it.
        shutil.rmtree(local_path(uri), ignore_errors=True)


def _joined(prefix: str, name: str) -> str:
    return f"{prefix.rstrip('/')}/{name}" if prefix else name


def _each(work: Callable[[str], None], names: Iterable[str]) -> None:
    """Do `work` on each name, several at once; the first error ends it and is raised."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running = [pool.submit(work, name) for name in names]
        try:
            for one in running:
                one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
