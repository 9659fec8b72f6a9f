"""An object of a store as a file that is read by ranges: a look into a giant costs little."""

import io
from typing import TYPE_CHECKING

from codekiln.core.storage.objects import Objects

if TYPE_CHECKING:
    from typing_extensions import Buffer

BUFFER = 1 << 20
"""Bytes that are asked for at the least; a footer of Parquet, or a row group, lies in few."""


class Ranged(io.RawIOBase):
    """A readable, seekable view of one object."""

    def __init__(self, store: Objects, name: str) -> None:
        """Ask for its size; raises MissingError if there is none."""
        self._store, self._name = store, name
        self._size = store.size(name)
        self._place = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = base + offset
        return self._place

    def readinto(self, buffer: "Buffer") -> int:
        """Fill `buffer` from where this stands; return how many bytes there were."""
        view = memoryview(buffer).cast("B")
        stop = min(self._place + len(view), self._size)
        data = self._store.read_range(self._name, self._place, stop)
        view[: len(data)] = data
        self._place += len(data)
        return len(data)


def opened(store: Objects, name: str) -> io.BufferedReader:
    """Return the object `name` as a file."""
    return io.BufferedReader(Ranged(store, name), BUFFER)
