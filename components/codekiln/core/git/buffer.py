"""Looking at the bytes of a pipe from the front, holding only a window of them."""

from collections.abc import Iterator
from io import RawIOBase

CHUNK = 1 << 18
LARGE = 1 << 18
"""What is larger than this is given piece by piece; the smaller at once."""


class Ended(Exception):  # noqa: N818 -- the end of a stream is news, not always an error
    """git ended before it had said what was waited for."""


class Buffer:
    """A window on a pipe: `data[at:]` is what was read and not yet taken."""

    def __init__(self, pipe: RawIOBase) -> None:
        self.pipe = pipe
        self.data = bytearray()
        self.at = 0
        self.ended = False
        # One place to read into: fresh memory for every read costs more than the reading.
        self.chunk = memoryview(bytearray(CHUNK))

    def fill(self) -> bool:
        """Read on; tell whether there was more."""
        del self.data[: self.at]
        self.at = 0
        count = 0 if self.ended else self.pipe.readinto(self.chunk)
        self.ended = not count
        self.data += self.chunk[:count]
        return not self.ended

    def __len__(self) -> int:
        """Return the number of bytes that can be seen."""
        return len(self.data) - self.at

    def has(self, text: bytes) -> bool:
        """Tell whether `text` comes next; it stays."""
        while not self.data.startswith(text, self.at):
            if len(self) >= len(text) or not self.fill():
                return False
        return True

    def take(self, text: bytes) -> None:
        """Take `text`, which must come next; raise Ended if it does not."""
        if not self.has(text):
            raise Ended
        self.at += len(text)

    def before(self, mark: bytes | None, stop: bytes, longest: int) -> Iterator[bytes]:
        """Take what comes before `mark`, which stays; None is the end of all.

        It comes at once, or in pieces that end before a `stop`, with which `mark` begins; only
        a stretch of more than `longest` bytes without one is cut. A `stop` before the end of all
        is no part of it. Raise Ended if `mark` never comes.
        """
        searched = self.at
        while (end := -1 if mark is None else self.data.find(mark, searched)) < 0:
            if len(self) > LARGE:
                yield self.piece(stop, longest)
            searched = max(0, len(self) - len(mark or b""))
            if not self.fill():
                if mark is not None:
                    raise Ended
                end = len(self.data) - self.data.endswith(stop)
                break
        yield self.upto(end)

    def piece(self, stop: bytes, longest: int) -> bytes:
        """Take what can be judged by itself."""
        last = self.data.rfind(stop, self.at + 1)
        whole = len(self.data) - last <= longest
        return self.upto(max(last, self.at) if whole else len(self.data))

    def upto(self, end: int) -> bytes:
        """Take all before the place `end`."""
        taken = bytes(memoryview(self.data)[self.at : end])
        self.at = end
        return taken
