"""The commits of a pull request as records."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime

from codekiln.collect_pulls.limits import Limits
from codekiln.core.corpus.pulls import PullCommit
from codekiln.core.git import objects
from codekiln.core.git.commit_object import Ident, parse
from codekiln.core.git.objects import Object


def commits(
    reader: subprocess.Popen[bytes], shas: Sequence[str], limits: Limits
) -> tuple[PullCommit, ...]:
    """Return the first commits of `shas`; `reader` is a `cat-file --batch`."""
    found = objects.asked(reader, shas[: limits.commits], limits.message_bytes)
    return tuple(commit(sha, begun) for sha, begun in found)


def commit(sha: str, begun: Object) -> PullCommit:
    """Return the record of the commit that begins so."""
    made = parse(begun.data, begun.size)
    return PullCommit(
        sha=sha, author_name=made.author.name, time=time(made.author),
        message=made.message.strip("\n"),
    )  # fmt: skip


def time(author: Ident) -> datetime | None:
    """Return when somebody wrote, None where that is no time."""
    seconds = author.when.seconds
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
