"""Objects as files of a local folder."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import ConflictError, MissingError, check_name

PARTIAL = ".partial"
"""How the name of a half-written file ends."""


class LocalFolder:
    """A folder as a store; a name with slashes is a path below it."""

    def __init__(self, root: Path) -> None:
        """Use the folder `root`, which need not be there yet."""
        self.root = root
        self.uri = str(root)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names under `prefix`, sorted; half-written files have no name yet."""
        folder = self.root / prefix.rpartition("/")[0]
        files = (path for path in folder.rglob("*") if path.is_file())
        names = (path.relative_to(self.root).as_posix() for path in files)
        yield from sorted(n for n in names if n.startswith(prefix) and not n.endswith(PARTIAL))

    def size(self, name: str) -> int:
        """Return the number of bytes of `name`."""
        with self._told(name):
            return self._path(name).stat().st_size

    def read(self, name: str) -> bytes:
        """Return the bytes of `name`."""
        with self._told(name):
            return self._path(name).read_bytes()

    def read_range(self, name: str, start: int, stop: int) -> bytes:
        """Return the bytes of `name` from `start` up to `stop`."""
        with self._told(name), self._path(name).open("rb") as file:
            file.seek(start)
            return file.read(max(0, stop - start))

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        """Write `data` under `name`, on disk when this returns; ConflictError as in Objects."""
        with self._becoming(name, create=create) as partial:
            partial.write_bytes(data)

    def upload(self, name: str, path: Path, *, sha256: str | None = None) -> None:  # noqa: ARG002
        """Copy the file `path` to `name`; a folder keeps no digests."""
        with self._becoming(name, create=False) as partial:
            shutil.copyfile(path, partial)

    def download(self, name: str, path: Path) -> None:
        """Copy `name` into the file `path`."""
        source = self._path(name)
        with self._told(name), whole(path, durable=False) as partial:
            shutil.copyfile(source, partial)

    def delete(self, name: str) -> None:
        """Remove `name`; nothing happens if there is none."""
        self._path(name).unlink(missing_ok=True)

    def drop_unfinished(self) -> None:
        """Remove half-written files."""
        for path in list(self.root.rglob(f"*{PARTIAL}")):
            path.unlink(missing_ok=True)

    def location(self, name: str) -> str:
        """Return the path of `name`."""
        return str(self._path(name))

    @contextlib.contextmanager
    def _becoming(self, name: str, *, create: bool) -> Iterator[Path]:
        path = self._path(name)
        with whole(path, create=create) as partial:
            yield partial

    @contextlib.contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, IsADirectoryError) as error:
            raise MissingError(f"{self.uri} holds no {name}") from error

    def _path(self, name: str) -> Path:
        check_name(name, self.uri)
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise InputError(f"{name!r} lies outside {self.uri}: a link leads there")
        return path


@contextlib.contextmanager
def whole(path: Path, *, create: bool = False, durable: bool = True) -> Iterator[Path]:
    """Give a file to fill; it becomes `path` when the block ends, on the disk if `durable`.

    With `create`, raises ConflictError if `path` is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            yield partial
            if durable:
                os.fsync(file.fileno())
        _publish(partial, path, create=create)
    finally:
        partial.unlink(missing_ok=True)


def _publish(partial: Path, path: Path, *, create: bool) -> None:
    """Give the written file its name, in one step that a reader sees whole or not at all."""
    if not create:
        partial.replace(path)
        return
    try:
        # link, not rename: it is the call that fails where the name is taken.
        os.link(partial, path)
    except FileExistsError as error:
        raise ConflictError(f"{path} is there already") from error
