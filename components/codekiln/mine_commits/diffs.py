"""Diffs of many commits from few git processes, though some of them make git die.

git dies at an object that is missing, before or after it printed the header of the culprit. So
a commit counts as read only when the header of the next one was seen. The one that was next is
tried alone: if git dies again it is the culprit, and the run goes on behind it.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import RawIOBase
from typing import Self, cast

from codekiln.core.git.command import Git
from codekiln.mine_commits import patches
from codekiln.mine_commits.buffer import Buffer
from codekiln.mine_commits.patches import Caps, CommitDiff, Sections, Settled

COMMON = (
    "diff-tree", "--stdin", "-r", "--always", "-z", "--no-color", "--no-ext-diff", "--no-textconv",
    "--full-index",
)  # fmt: skip
RAW = (*COMMON, "-M", "--root", "--raw")
DIFF = (*RAW, "-p", "-U3")
COMBINED = (*COMMON, "--no-renames", "--cc", "-p")

FLUSH = b"flush\n"
"""A line of input that is no hash: diff-tree prints it as it is and flushes what it holds."""


def settings(largest_file_bytes: int) -> dict[str, str]:
    """Return the git settings that diffs depend on; a larger file is shown as binary."""
    return {
        "core.bigFileThreshold": str(largest_file_bytes),
        "diff.renameLimit": "1000",
        # By default git maps whole packs and keeps 96 MB of delta bases, each process of it. With
        # these it holds a third of the memory and is as fast (measured on 3,000 commits of etcd).
        "core.deltaBaseCacheLimit": "8m",
        "core.packedGitWindowSize": "1m",
        "core.packedGitLimit": "16m",
    }


def forget(_: patches.FileDiff) -> None:
    """Settle a row by doing nothing."""


class Differ:
    """Reads diffs of a repository; `settled` sees each row of them."""

    def __init__(self, git: Git, caps: Caps, settled: Settled = forget) -> None:
        self.git = git
        self.caps = caps
        self.settled = settled

    def read(
        self, lines: Sequence[str], command: Sequence[str] = DIFF
    ) -> Iterator[CommitDiff | None]:
        """Yield the diff of each of `lines` in order, None for one that git cannot make.

        A line is a commit, alone (against the empty tree) or before the parent to diff it with.
        """
        at = 0
        while at < len(lines):
            for diff in self.attempt(lines[at:], command):
                yield diff
                at += 1
            if at < len(lines):
                yield next(iter(self.attempt(lines[at : at + 1], command)), None)
                at += 1

    def attempt(self, lines: Sequence[str], command: Sequence[str]) -> Iterator[CommitDiff]:
        """Yield diffs until git ends; the last one only if git ended well."""
        shas = [line.partition(" ")[0] for line in lines]
        with self.git.stream(*command, given=lines) as process:
            diffs = patches.read(output(process), shas, self.caps, self.settled)
            for place, diff in enumerate(diffs):
                if place + 1 < len(lines) or process.wait() == 0:
                    yield diff


class Asker:
    """Reads the diff of one commit at a time from a git that stays; a context."""

    def __init__(self, differ: Differ) -> None:
        self.differ = differ
        self.open = ExitStack()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the asker; git starts with the first question."""
        return self

    def __exit__(self, *_: object) -> None:
        """End git."""
        self.stop()

    def stop(self) -> None:
        """End git; the next question starts it anew."""
        self.open.close()
        self.process = None

    def read(self, line: str) -> CommitDiff | None:
        """Return the diff of `line`, None if git cannot make it."""
        if self.process is None:
            dialogue = self.differ.git.dialogue(*DIFF, bufsize=0)
            self.process = self.open.enter_context(dialogue)
            self.buffer = Buffer(output(self.process))
        assert self.process.stdin  # noqa: S101 -- a dialogue always has both ends
        self.process.stdin.write(f"{line}\n".encode() + FLUSH)
        diff = CommitDiff()
        sections = Sections(diff, self.differ.caps, self.differ.settled)
        header = line.partition(" ")[0].encode() + b"\0"
        if not self.buffer.take(header) or not patches.read_one(self.buffer, FLUSH, sections):
            self.stop()
            return None
        self.buffer.take(FLUSH)
        return diff


def output(process: subprocess.Popen[bytes]) -> RawIOBase:
    """Return the output of `process`, which is not buffered."""
    return cast("RawIOBase", process.stdout)
