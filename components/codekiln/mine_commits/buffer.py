"""Looking at the bytes of a pipe from the front, holding only a window of them."""

import re
from io import RawIOBase

CHUNK = 1 << 20


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
        if self.at:
            del self.data[: self.at]
            self.at = 0
        count = 0 if self.ended else self.pipe.readinto(self.chunk)
        self.ended = not count
        self.data += self.chunk[:count]
        return not self.ended

    def __len__(self) -> int:
        """Return the number of bytes that can be seen."""
        return len(self.data) - self.at

    def take(self, text: bytes) -> bool:
        """Take `text` if it comes next."""
        if not self.has(text):
            return False
        self.at += len(text)
        return True

    def has(self, text: bytes) -> bool:
        """Tell whether `text` comes next; it stays."""
        while not self.data.startswith(text, self.at):
            if len(self) >= len(text) or not self.fill():
                return False
        return True

    def match(self, pattern: re.Pattern[bytes]) -> tuple[bytes, ...] | None:
        """Take what `pattern` matches here and return its groups; None if git ended before."""
        while not (found := pattern.match(self.data, self.at)):
            if not self.fill():
                return None
        self.at = found.end()
        return found.groups()

    def until(self, mark: bytes) -> bytes | None:
        """Take everything up to the next byte `mark` and that byte; None if it never comes."""
        end = self.data.find(mark, self.at)
        while end < 0:
            seen = len(self)
            if not self.fill():
                return None
            end = self.data.find(mark, seen)
        taken = bytes(self.data[self.at : end])
        self.at = end + 1
        return taken

    def pass_by(self, mark: bytes | None) -> bool:
        """Drop what comes before `mark` (a line break and more) and that line break.

        Tell whether it came; None is the end, which always comes.
        """
        while True:
            end = -1 if mark is None else self.data.find(mark, self.at)
            if end >= 0:
                self.at = end + 1
                return True
            self.at = max(self.at, len(self.data) - len(mark or b""))
            if not self.fill():
                return mark is None

    def line_piece(self) -> bytes:
        """Take what can be judged by itself: whole lines, or most of one without end.

        A piece stops before a line break, so that whatever begins with one is never cut. If
        more than `SHORT` bytes follow the last break, that line is known for what it is: it
        may be cut.
        """
        last = self.data.rfind(b"\n", self.at)
        cut = last if len(self.data) - last < SHORT and last > self.at else len(self.data)
        piece = bytes(self.data[self.at : cut])
        self.at = cut
        return piece


SHORT = 256
"""Longer than anything that is looked for: a line break, a word, a hash."""
