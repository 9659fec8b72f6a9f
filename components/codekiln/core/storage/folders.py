"""Whole folders, to and from a store; many small files travel side by side."""

import shutil
from pathlib import Path

from codekiln.core.storage.objects import Objects, is_remote, local_path, open_store
from codekiln.core.storage.side_by_side import exhaust, side_by_side


def upload(store: Objects, folder: Path, prefix: str = "") -> list[str]:
    """Write every file under `folder` below `prefix`; return their names, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {_joined(prefix, path.relative_to(folder).as_posix()): path for path in paths}
    exhaust(side_by_side(lambda name: store.upload(name, named[name]), named))
    return list(named)


def download(store: Objects, folder: Path, prefix: str = "") -> list[str]:
    """Write every object below `prefix` into `folder`; return their names without it, sorted."""
    start = _joined(prefix, "")
    found = [name.removeprefix(start) for name in store.names(start)]
    exhaust(side_by_side(lambda name: store.download(start + name, folder / name), found))
    return found


def remove(uri: str, first: str = "", but: str | None = None) -> None:
    """Remove what lies under `uri`, names that begin with `first` before any others.

    Names that begin with `but` stay, and so do folders then. For whoever alone writes there.
    """
    store = open_store(uri)
    names = [name for name in store.names() if but is None or not name.startswith(but)]
    exhaust(side_by_side(store.delete, [name for name in names if name.startswith(first)]))
    exhaust(side_by_side(store.delete, [name for name in names if not name.startswith(first)]))
    store.drop_unfinished()
    if but is None and not is_remote(uri):
        shutil.rmtree(local_path(uri), ignore_errors=True)


def _joined(prefix: str, name: str) -> str:
    return f"{prefix.rstrip('/')}/{name}" if prefix else name
