r"""Reading what `git diff-tree --stdin -z --raw -p` prints, in bounded memory.

A commit is its hash, NUL and raw rows, and NUL, NUL and its patch, a section a row (two where a
type changed). Lines of a patch that come from files begin with space, `+`, `-` or a backslash, so
`\n@@ `, `\ndiff --git ` and `\n<next hash>\0` cannot be forged by what files or messages say.
Insertions and deletions are thus lines that begin so after a section's first `\n@@ `.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import RawIOBase
from itertools import chain, zip_longest
from typing import Generic, Protocol, TypeVar

from codekiln.core.git import line_counts
from codekiln.core.git.buffer import Buffer, Ended
from codekiln.core.git.caps import Caps
from codekiln.core.git.decoding import decoded

SECTION = b"\ndiff --git "
HUNK = b"\n@@ "
BINARY = b"\nBinary files "
LONGEST_MARK = 256
"""A line that goes on for longer is none of these, and no header of a commit."""


class FileDiff(Protocol):
    """What the patch tells of one file; made by `Make` with nothing in it, filled in here."""

    path: str
    insertions: int
    deletions: int
    hunks: int
    diff_text: str
    diff_truncated: bool
    is_binary: bool


FileT = TypeVar("FileT", bound=FileDiff)

Make = Callable[[str, str, str | None], FileT]
"""Makes what is kept of a file from its raw row (modes, blobs, letter), path and original path."""


@dataclass(slots=True)
class CommitDiff(Generic[FileT]):
    """The diff of one commit: counts of everything, `files` and their texts within the caps."""

    files: list[FileT] = field(default_factory=list)
    types: str = ""
    insertions: int = 0
    deletions: int = 0
    binary: int = 0
    size: int = 0
    is_capped: bool = False

    @property
    def changed(self) -> int:
        """Return the number of files changed, listed or not."""
        return len(self.types)


def read(
    pipe: RawIOBase, shas: Sequence[str], caps: Caps, make: Make[FileT]
) -> Iterator[CommitDiff[FileT]]:
    """Yield the diff of each of `shas`, in order; end early where git ended early.

    A diff is yielded only when the header of the next one, or the end, has been seen.
    """
    buffer = Buffer(pipe)
    names = [sha.encode() for sha in shas]
    with suppress(Ended):
        for name, following in zip(names, [*names[1:], None], strict=True):
            buffer.take(name)
            yield read_one(buffer, following and following + b"\0", caps, make)


def read_one(
    buffer: Buffer, following: bytes | None, caps: Caps, make: Make[FileT]
) -> CommitDiff[FileT]:
    """Read the rows and the patch of one commit, up to the header `following` (None: the end)."""
    if not buffer.has(b"\0:"):
        buffer.take(b"\0" + (following or b""))
        buffer.at -= len(following or b"")
        return CommitDiff()
    diff = read_rows(buffer, caps.files, make)
    sections = Sections(diff, caps)
    buffer.take(b"\0\0")
    for piece in patch(buffer, following):
        sections.feed(piece)
    sections.settle()
    return diff


def patch(buffer: Buffer, following: bytes | None) -> Iterator[bytes]:
    """Take a patch, in pieces, and the line break before the header `following`."""
    yield from buffer.before(following and b"\n" + following, b"\n", LONGEST_MARK)
    buffer.at += 1


def read_rows(buffer: Buffer, most: int, make: Make[FileT]) -> CommitDiff[FileT]:
    """Read the raw rows of one commit up to the NULs that end them; keep `most` of them."""
    pieces = buffer.before(b"\0\0", b"\0", sys.maxsize)
    # Bytes that are not UTF-8 become `\xe9`, so that two paths never become one.
    fields = chain.from_iterable(
        piece.decode("utf-8", "backslashreplace").split("\0")[1:] for piece in pieces
    )
    files: list[FileT] = []
    types = []
    for row in fields:
        kind = row.rpartition(" ")[2][0]
        types.append(kind)
        first = next(fields)
        path = next(fields) if kind in "RC" else first
        if len(types) <= most:
            files.append(make(row, path, first if kind in "RC" else None))
    return CommitDiff(files, "".join(types), is_capped=len(types) > most)


class Sections(Generic[FileT]):
    """Takes the patch of a commit in pieces and adds it to the commit's diff."""

    def __init__(self, diff: CommitDiff[FileT], caps: Caps) -> None:
        self.diff = diff
        self.owners = owners(diff)
        self.row = next(self.owners)
        self.in_hunks = False
        self.text, self.size = b"", 0
        self.file_room, self.room = caps.file_bytes, caps.commit_bytes

    def feed(self, piece: bytes) -> None:
        """Take the next piece: the rest of the present section, and others."""
        rest, *sections = piece.split(SECTION)
        self.add(rest)
        for section in sections:
            self.open()
            self.add(section)

    def open(self) -> None:
        """Begin the next section, which may be the second of its row."""
        row = next(self.owners, None)
        if row is not self.row:
            self.settle()
            self.row = row
        self.in_hunks = False

    def add(self, text: bytes) -> None:
        """Take more of the present section."""
        diff, row = self.diff, self.row
        start = 0 if self.in_hunks else text.find(HUNK)
        if start < 0:
            self.note_binary(text)
            return
        self.in_hunks = True
        insertions, deletions, hunks = line_counts.count(text, start)
        diff.insertions += insertions
        diff.deletions += deletions
        diff.size += len(text) - start
        if row is not None:
            row.insertions += insertions
            row.deletions += deletions
            row.hunks += hunks
            self.size += len(text) - start
            room = min(self.file_room, self.room) - len(self.text)
            self.text += text[start : start + room]

    def note_binary(self, head: bytes) -> None:
        """See whether the present section has, instead of hunks, the word that it is binary."""
        if BINARY in head:
            self.diff.binary += 1
            if self.row is not None:
                self.row.is_binary = True

    def settle(self) -> None:
        """End the present row, after its last section."""
        row, text = self.row, self.text
        if row is None or not self.size:
            return
        self.room -= len(text)
        row.diff_truncated = len(text) < self.size
        if row.diff_truncated:
            self.diff.is_capped = True
            text = cut_text(text)
        row.diff_text = decoded(text[1:] + b"\n") if text else ""
        self.text, self.size = b"", 0


def owners(diff: CommitDiff[FileT]) -> Iterator[FileT | None]:
    """Yield the row of each section of a patch, None for one that is not kept.

    A type change is shown as a deletion and a creation: two sections for one row.
    """
    for kind, row in zip_longest(diff.types, diff.files):
        yield row
        if kind == "T":
            yield row


def cut_text(text: bytes) -> bytes:
    """Return `text` up to its last whole hunk, or line if not one hunk is whole."""
    hunk = text.rfind(HUNK)
    return text[: hunk if hunk > 0 else max(0, text.rfind(b"\n"))]
