"""Which merges had something to resolve."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import compress

from codekiln.core.git.buffer import Buffer, Ended
from codekiln.core.git.command import Git
from codekiln.core.git.diffs import COMBINED, output, persistently
from codekiln.core.git.patches import patch


def resolved(git: Git, merges: Sequence[str]) -> set[str]:
    """Return those of `merges` that hold lines which none of their parents holds in that place.

    That is what `git show --cc` shows: a conflict resolved by hand, or a change slipped in.
    A merge that git cannot read is not among them.
    """
    return set(compress(merges, persistently(merges, lambda some: combined(git, some))))


def combined(git: Git, merges: Sequence[str]) -> Iterator[bool]:
    """Tell of each merge, until git ends, whether its combined diff shows anything."""
    headers = [sha.encode() + b"\0" for sha in merges]
    with git.diffing(*COMBINED, given=merges) as process, suppress(Ended):
        buffer = Buffer(output(process))
        for header, following in zip(headers, [*headers[1:], None], strict=True):
            buffer.take(header)
            is_shown = buffer.has(b"diff ")
            if is_shown:
                deque(patch(buffer, following), maxlen=0)
            if not (buffer.has(following) if following else process.wait() == 0):
                return
            yield is_shown
