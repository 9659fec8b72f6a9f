"""Which merges had something to resolve."""

from collections.abc import Iterator, Sequence

from codekiln.core.git.command import Git
from codekiln.mine_commits.buffer import Buffer
from codekiln.mine_commits.diffs import COMBINED, output


def resolved(git: Git, merges: Sequence[str]) -> set[str]:
    """Return those of `merges` that hold lines which none of their parents holds in that place.

    That is what `git show --cc` shows: a conflict resolved by hand, or a change slipped in.
    A merge that git cannot read is not among them.
    """
    found: set[str] = set()
    at = 0
    while at < len(merges):
        for sha, is_resolved in combined(git, merges[at:]):
            at += 1
            if is_resolved:
                found.add(sha)
        # Whoever came next made git die, or nobody did.
        at += 1
    return found


def combined(git: Git, merges: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield merges and whether their combined diff shows anything, until git ends."""
    headers = [sha.encode() + b"\0" for sha in merges]
    with git.stream(*COMBINED, given=merges) as process:
        buffer = Buffer(output(process))
        for sha, header, following in zip(merges, headers, [*headers[1:], None], strict=True):
            if not buffer.take(header):
                return
            shown = buffer.take(b"diff ")
            if shown and not buffer.pass_by(following and b"\n" + following):
                return
            yield sha, shown
