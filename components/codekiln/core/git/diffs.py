"""Diffs of many commits from few git processes, though some of them make git die.

git dies at an object that is missing, before or after it printed the header of the culprit. So
a commit counts as read only when the header of the next one was seen. The one that was next is
tried alone: if git dies again it is the culprit, and the run goes on behind it.
"""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import RawIOBase
from typing import TypeVar, cast

from codekiln.core.git import patches
from codekiln.core.git.caps import Caps
from codekiln.core.git.command import Git
from codekiln.core.git.patches import CommitDiff, FileT, Make

T = TypeVar("T")

COMMON = (
    "diff-tree", "--stdin", "-r", "--always", "-z", "--no-color", "--no-ext-diff", "--no-textconv",
    "--full-index",
)  # fmt: skip
DIFF = (*COMMON, "-M", "--root", "--raw", "-p", "-U3")
COMBINED = (*COMMON, "--no-renames", "--cc", "-p")


def settings(largest_file_bytes: int) -> dict[str, str]:
    """Return the git settings that diffs depend on; a larger file is shown as binary."""
    return {
        "core.bigFileThreshold": str(largest_file_bytes),
        "diff.renameLimit": "1000",
        # By default git maps whole packs and keeps 96 MB of delta bases, each process of it. Two
        # workers have four: these keep a run over etcd under 300 MB, for 2 % of git's CPU.
        "core.deltaBaseCacheLimit": "4m",
        "core.packedGitWindowSize": "1m",
        "core.packedGitLimit": "8m",
    }


Attempt = Callable[[Sequence[str]], Iterator[T]]
"""Gives an answer to each line of input, in order, until git ends."""


def persistently(lines: Sequence[str], attempt: Attempt[T]) -> Iterator[T | None]:
    """Yield the answer to each of `lines`, in order, None for one that git cannot give."""
    at = 0
    while at < len(lines):
        for answer in attempt(lines[at:]):
            yield answer
            at += 1
        if at < len(lines):
            yield next(iter(attempt(lines[at : at + 1])), None)
            at += 1


def read(
    git: Git, lines: Sequence[str], caps: Caps, make: Make[FileT], options: Sequence[str] = ()
) -> Iterator[CommitDiff[FileT] | None]:
    """Yield the diff of each of `lines` in order, None for one that git cannot make.

    A line is a commit, alone (against the empty tree) or before the parent to diff it with.
    `options` end the command line: how to find renames, and pathspecs after `--`.
    """
    told = partial(patches.read, caps=caps, make=make)
    return persistently(lines, lambda some: confirmed(git, (*DIFF, *options), some, told))


def confirmed(
    git: Git,
    arguments: Sequence[str],
    lines: Sequence[str],
    told: Callable[[RawIOBase, Sequence[str]], Iterator[T]],
) -> Iterator[T]:
    """Yield what `told` reads of git's answer to `lines`; the last one only if git ended well.

    `told` is given git's output and the hashes that `lines` begin with.
    """
    shas = [line.partition(" ")[0] for line in lines]
    with git.diffing(*arguments, given=lines) as process:
        for place, found in enumerate(told(output(process), shas), start=1):
            if place < len(lines) or process.wait() == 0:
                yield found


def output(process: subprocess.Popen[bytes]) -> RawIOBase:
    """Return the output of `process`, which is not buffered."""
    return cast("RawIOBase", process.stdout)
