"""Objects as files of a local folder."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import ConflictError


class LocalFolder:
    """A folder as a store; a name with slashes is a path below it."""

    def __init__(self, root: Path) -> None:
        """Use the folder `root`, which need not be there yet."""
        self.root = root
        self.uri = str(root)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names under `prefix`, sorted; half-written files have no name yet."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        names = (path.relative_to(self.root).as_posix() for path in files)
        yield from sorted(n for n in names if n.startswith(prefix) and not n.endswith(".partial"))

    def read(self, name: str) -> bytes:
        """Return the bytes of `name`; raises InputError if there is none."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"{self.uri} holds no {name}") from error

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        """Write `data` under `name`, on disk when this returns; ConflictError as in Objects."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=path.name, suffix=".partial", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _publish(Path(partial), path, create=create)
        finally:
            Path(partial).unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        """Remove `name`; nothing happens if there is none."""
        self._path(name).unlink(missing_ok=True)

    def location(self, name: str) -> str:
        """Return the path of `name`."""
        return str(self._path(name))

    def _path(self, name: str) -> Path:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise InputError(f"{name!r} lies outside {self.uri}")
        return path


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
