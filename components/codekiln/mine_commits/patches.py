r"""Reading what `git diff-tree --stdin -z --raw -p` prints, in bounded memory.

A commit is its hash and NUL; raw rows; NUL and its patch, a section a row (two where a type
changed). Lines of a patch that come from files begin with space, `+`, `-` or a backslash, so
`\n@@ `, `\ndiff --git ` and `\n<next hash>\0` cannot be forged by what files or messages say.
Insertions and deletions are thus lines that begin so after a section's first `\n@@ `.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import RawIOBase

from codekiln.mine_commits import line_counts
from codekiln.mine_commits.buffer import Buffer

SECTION = b"\ndiff --git "
HUNK = b"\n@@ "
ROW = re.compile(rb":(\d+) (\d+) (\w+) (\w+) ([A-Z])\d*\0([^\0]+)\0")
BINARY = b"\nBinary files "
LARGE = 1 << 20
"""A patch larger than this is counted piece by piece; a smaller one at once."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of a diff is kept; counts are of all of it."""

    file_bytes: int = 32 << 10
    commit_bytes: int = 512 << 10
    files: int = 10_000


@dataclass(slots=True)
class FileDiff:
    """One raw row and its patch, as bytes. `size` is that of all its hunks, `text` what is kept."""

    path: bytes
    original_path: bytes | None
    change_type: str
    old_mode: int
    new_mode: int
    old_blob: str
    new_blob: str
    insertions: int = 0
    deletions: int = 0
    hunks: int = 0
    size: int = 0
    is_binary: bool = False
    is_cut: bool = False
    text: bytes = b""


@dataclass(slots=True)
class CommitDiff:
    """The diff of one commit: counts of everything, rows and texts within the caps."""

    files: list[FileDiff] = field(default_factory=list)
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


def read(pipe: RawIOBase, shas: Sequence[str], caps: Caps) -> Iterator[CommitDiff]:
    """Yield the diff of each of `shas`, in order; end early where git ended early.

    A diff is yielded only when the header of the next one, or the end, has been seen.
    """
    buffer = Buffer(pipe)
    headers = [sha.encode() + b"\0" for sha in shas]
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        diff = CommitDiff()
        if not buffer.take(header) or not read_one(buffer, following, Sections(diff, caps)):
            return
        yield diff


def read_one(buffer: Buffer, following: bytes | None, sections: "Sections") -> bool:
    """Read the rows and the patch of one commit; tell whether it came whole."""
    diff = sections.diff
    types = []
    while buffer.has(b":"):
        row = read_row(buffer)
        if row is None:
            return False
        types.append(row.change_type)
        if len(types) <= sections.caps.files:
            diff.files.append(row)
    diff.types = "".join(types)
    diff.is_capped = len(types) > len(diff.files)
    if buffer.take(b"\0"):
        return read_patch(buffer, following, sections)
    return following is None or buffer.has(following)


def read_row(buffer: Buffer) -> FileDiff | None:
    """Read one raw row; None if git ended in it."""
    found = buffer.match(ROW)
    if found is None:
        return None
    old_mode, new_mode, old_blob, new_blob, kind, first = found
    path = buffer.until(b"\0") if kind in b"RC" else first
    if path is None:
        return None
    return FileDiff(
        path=path,
        original_path=None if path is first else first,
        change_type=kind.decode("ascii"),
        old_mode=int(old_mode, 8),
        new_mode=int(new_mode, 8),
        old_blob=old_blob.decode("ascii"),
        new_blob=new_blob.decode("ascii"),
    )


def read_patch(buffer: Buffer, following: bytes | None, sections: "Sections") -> bool:
    """Read up to the header of the next commit; tell whether that, or the end, was reached."""
    # The separator before the patch is put back as a line break: so every section begins with one.
    buffer.at -= 1
    buffer.data[buffer.at] = 10
    end_mark = None if following is None else b"\n" + following
    searched = buffer.at
    while True:
        end = -1 if end_mark is None else buffer.data.find(end_mark, searched)
        if end >= 0:
            sections.feed(bytes(buffer.data[buffer.at : end]))
            buffer.at = end + 1
            sections.close()
            return True
        if len(buffer) > LARGE:
            sections.feed(buffer.line_piece())
        searched = max(0, len(buffer) - len(end_mark or b""))
        if not buffer.fill():
            break
    if end_mark is None:
        sections.feed(bytes(buffer.data[buffer.at :]).removesuffix(b"\n"))
        sections.close()
    return end_mark is None


class Sections:
    """Takes the patch of a commit in pieces and adds it to the commit's diff."""

    def __init__(self, diff: CommitDiff, caps: Caps) -> None:
        self.diff = diff
        self.caps = caps
        self.number = -1
        self.shown_again = False
        self.left = caps.commit_bytes
        self.row: FileDiff | None = None
        self.head = b""
        self.in_hunks = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece; it begins with a line break or goes on in a line."""
        first, *sections = piece.split(SECTION)
        if first:
            self.add(first)
        for section in sections:
            self.open()
            self.add(section)

    def open(self) -> None:
        """Begin the next section."""
        self.close_section()
        if self.number >= 0 and self.diff.types[self.number] == "T" and not self.shown_again:
            # A type change is shown as a deletion and a creation: two sections for one row.
            self.shown_again = True
            return
        self.settle()
        self.number += 1
        self.shown_again = False
        self.row = self.diff.files[self.number] if self.number < len(self.diff.files) else None

    def add(self, text: bytes) -> None:
        """Take more of the present section."""
        if not self.in_hunks:
            self.head += text
            start = self.head.find(HUNK)
            if start < 0:
                return
            self.in_hunks = True
            self.head, text = self.head[:start], self.head[start:]
        insertions, deletions, hunks = line_counts.count(text)
        self.diff.insertions += insertions
        self.diff.deletions += deletions
        self.diff.size += len(text)
        row = self.row
        if row is not None:
            row.insertions += insertions
            row.deletions += deletions
            row.hunks += hunks
            row.size += len(text)
            room = min(self.caps.file_bytes, self.left) - len(row.text)
            row.text += text if len(text) <= room else text[:room]

    def close_section(self) -> None:
        """End the present section: see whether it was binary."""
        if BINARY in self.head:
            self.diff.binary += 1
            if self.row is not None:
                self.row.is_binary = True
        self.head, self.in_hunks = b"", False

    def settle(self) -> None:
        """End the present row, after its last section."""
        if self.row is not None:
            self.left -= len(self.row.text)
            self.diff.is_capped |= finish(self.row)
        self.row = None

    def close(self) -> None:
        """End the patch."""
        self.close_section()
        self.settle()


def finish(row: FileDiff) -> bool:
    """Cut the text of `row` at a line if some of it was not kept; tell whether it was cut."""
    row.is_cut = len(row.text) < row.size
    if row.is_cut:
        row.text = cut_text(row.text)
    return row.is_cut


def cut_text(text: bytes) -> bytes:
    """Return `text` up to its last whole hunk, or line if not one hunk is whole."""
    hunk = text.rfind(HUNK)
    return text[: hunk if hunk > 0 else max(0, text.rfind(b"\n"))]
