"""The patches of pairs of blobs that git is asked for by name, not by commit.

git diffs trees. So the pairs are laid out as two trees of our own, files `000000`, `000001` and so
on, one tree with the old blobs and one with the new; they lie in a folder beside the repository's
objects, and one git diffs them as often as it is asked.
"""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

from codekiln.core.git import line_counts
from codekiln.core.git.buffer import LARGE, Buffer, Ended
from codekiln.core.git.command import Git, bound
from codekiln.core.git.diffs import output
from codekiln.core.git.line_counts import Counts
from codekiln.core.git.patches import BINARY, HUNK, LONGEST_MARK, SECTION
from codekiln.core.git.rows import SUBMODULE

DIFF = (
    "diff-tree", "--stdin", "-r", "--no-color", "--no-ext-diff", "--no-textconv", "--full-index",
    "--no-renames", "-p", "-U3",
)  # fmt: skip
ALTERNATES = "GIT_ALTERNATE_OBJECT_DIRECTORIES"

NOWHERE = "000000"
"""The mode of a file that is not there."""

END = b".\n"
"""diff-tree repeats a line that names no object. No line of a patch begins with a dot."""

NAMED, DIGITS = len(SECTION) + len(b"a/"), 6
"""Where the number of a file stands in a section, and how long it is."""


@dataclass(slots=True)
class Patch:
    """The patch of one pair: counts of all of it, and the first bytes of its hunks.

    `size` is that of all hunks in bytes; `binaries` counts what git shows no hunks of (a file that
    became a symbolic link has two sections). `wanted` is how much of `text` anyone has used.
    """

    insertions: int = 0
    deletions: int = 0
    hunks: int = 0
    size: int = 0
    binaries: int = 0
    text: bytes = b""
    wanted: int = 0

    def add(self, counts: Counts, size: int, text: bytes) -> None:
        """Add lines that were counted, their size in bytes, and what is kept of their text."""
        self.insertions += counts[0]
        self.deletions += counts[1]
        self.hunks += counts[2]
        self.size += size
        self.text += text


class Reader:
    """Asks one git, which lives as long as this, for the patches of pairs; `asked` counts them."""

    def __init__(self, process: Popen[bytes], folder: Path, most_bytes: int) -> None:
        self.process = process
        self.buffer = Buffer(output(process))
        self.folder = folder
        self.most_bytes = most_bytes
        self.asked = 0

    def read(self, pairs: Sequence[str]) -> list[Patch]:
        """Return the patch of each of `pairs` (`:100644 100755 OLD NEW`), of one at most 999,999.

        Raise Ended if git dies (an object is missing, or is not what its name says) or cannot read
        our trees.
        """
        if not pairs:
            return []
        self.asked += len(pairs)
        line = f"{self.tree(pairs, 0)} {self.tree(pairs, 1)}\n".encode()
        assert self.process.stdin  # noqa: S101 -- a dialogue always has both ends
        try:
            self.process.stdin.write(line + END)
        except BrokenPipeError as error:
            raise Ended from error
        if self.buffer.has(END):
            raise Ended  # git cannot read the trees, says nothing of them and waits
        self.buffer.take(line[:-1])
        found = Sections([Patch() for _ in pairs], self.most_bytes)
        for piece in self.pieces():
            found.feed(piece)
        return found.patches

    def pieces(self) -> Iterator[bytes]:
        """Take the answer, in pieces that end before a line; behind its END git waits."""
        buffer, mark = self.buffer, b"\n" + END
        while not buffer.data.endswith(mark):
            if len(buffer) > LARGE:
                yield buffer.piece(b"\n", LONGEST_MARK)
            if not buffer.fill():
                raise Ended
        yield buffer.upto(len(buffer.data) - len(mark))
        buffer.take(mark)

    def tree(self, pairs: Sequence[str], side: int) -> str:
        """Write the tree of the old (0) or new (1) blobs of `pairs`; return its hash."""
        entries = []
        for number, pair in enumerate(pairs):
            words = pair[1:].split(" ")
            if (mode := words[side]) != NOWHERE:
                blob = bytes.fromhex(words[2 + side])
                entries.append(b"%s %06d\0%s" % (mode.encode(), number, blob))
        return written(self.folder, b"".join(entries), len(pairs[0].rpartition(" ")[2]))


class Sections:
    """Takes the patch of two trees in pieces and adds it to the patches of their files."""

    def __init__(self, patches: list[Patch], most_bytes: int) -> None:
        self.patches = patches
        self.most_bytes = most_bytes
        self.patch = Patch()
        self.in_hunks = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece: the rest of the present section, and others."""
        first, last = piece.find(SECTION), piece.rfind(SECTION)
        if first < 0:
            self.add(piece)
            return
        self.add(piece[:first])
        if first < last:
            self.add_whole(piece, first, last)
        self.patch = self.patches[int(piece[last + NAMED : last + NAMED + DIGITS])]
        self.in_hunks = False
        self.add(piece[last:])

    def add(self, text: bytes) -> None:
        """Take more of the present section."""
        patch = self.patch
        start = 0 if self.in_hunks else text.find(HUNK)
        if start < 0:
            patch.binaries += BINARY in text
            return
        self.in_hunks = True
        kept = text[start : start + self.most_bytes - len(patch.text)]
        patch.add(line_counts.count(text, start), len(text) - start, kept)

    def add_whole(self, piece: bytes, first: int, last: int) -> None:
        """Take the sections between the places `first` and `last`, all of them whole."""
        for start, hunk, end, *counts in line_counts.sections(piece, first, last):
            patch = self.patches[int(piece[start + NAMED : start + NAMED + DIGITS])]
            if hunk == end:
                patch.binaries += BINARY in piece[start:end]
            else:
                kept = piece[hunk : min(end, hunk + self.most_bytes - len(patch.text))]
                patch.add(counts, end - hunk, kept)


@contextmanager
def reading(git: Git, most_bytes: int) -> Iterator[Reader]:
    """Start a git that gives patches, of each the first `most_bytes` of its hunks.

    `git` is that of a view: its folder takes the trees, so that they go with it if we are killed.
    """
    with TemporaryDirectory(prefix="pairs-", dir=git.variables["GIT_DIR"]) as folder:
        others = git.variables.get(ALTERNATES)
        variables = {ALTERNATES: f"{quoted(folder)}:{others}" if others else quoted(folder)}
        beside = replace(git, variables={**git.variables, **variables})
        with beside.bulk_dialogue(*DIFF) as process:
            bound(process, git.diff_bytes)
            yield Reader(process, Path(folder), most_bytes)


def blobs(pair: str) -> list[str]:
    """Return the blobs of `pair` that must be there to diff it."""
    words = pair[1:].split(" ")
    return [words[2 + side] for side in (0, 1) if words[side] not in (NOWHERE, SUBMODULE)]


def quoted(folder: str) -> str:
    """Return `folder` for a list of folders that colons part."""
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written(folder: Path, entries: bytes, digits: int) -> str:
    """Write a tree as a loose object below `folder`; return its hash, of so many hex digits."""
    data = b"tree %d\0%s" % (len(entries), entries)
    # git's name for it, not a secret's
    made = hashlib.sha1(data, usedforsecurity=False) if digits == 40 else hashlib.sha256(data)
    name = made.hexdigest()
    (folder / name[:2]).mkdir(exist_ok=True)
    (folder / name[:2] / name[2:]).write_bytes(zlib.compress(data, 1))
    return name
