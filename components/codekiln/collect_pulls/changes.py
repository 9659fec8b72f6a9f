"""What git tells of pull requests: their differences, contents and commits, as GitHub has them.

Three dots: from the merge base of base and head to the head. Nothing is asked of GitHub's API, so
none of its cut-offs applies (300 files, 3,000 files, 1 MB, 250 commits).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from codekiln.collect_pulls import differences, forks, pull_commits, pull_files
from codekiln.collect_pulls.differences import Difference
from codekiln.collect_pulls.forks import REPOSITORY_GONE, TOO_LARGE, UNREADABLE, Pull
from codekiln.collect_pulls.forks import Failed as Failed  # part of what is told here
from codekiln.collect_pulls.forks import Wanted as Wanted
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import Changes
from codekiln.core.git.remote import Terms
from codekiln.core.git.running import TooLargeError
from codekiln.core.git.trouble import RemoteGoneError

AT_ONCE = 250
"""Pull requests whose objects are fetched together."""


def changes(
    remote: str,
    wanted: Sequence[Wanted],
    limits: Limits,
    scratch: Path,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Changes | Failed]:
    """Yield what git tells of each of `wanted`, or why it cannot; in no particular order.

    `environ` are variables for git, such as `remote.credentials` gives. Raise ServiceError if the
    remote does not answer or the disk is full, InputError if it refuses us.
    """
    with Mirror(remote, scratch, limits, Terms(variables=environ or {})) as mirror:
        yield from told(mirror, wanted)


def told(mirror: Mirror, wanted: Sequence[Wanted]) -> Iterator[Changes | Failed]:
    """Yield what git tells of each of `wanted` by way of `mirror`, which keeps what it fetched."""
    for start in range(0, len(wanted), AT_ONCE):
        mirror.check()
        mirror.make_room()
        yield from together(mirror, wanted[start : start + AT_ONCE])


def together(mirror: Mirror, wanted: Sequence[Wanted]) -> Iterator[Changes | Failed]:
    """Yield what git tells of a few pull requests, fetched together."""
    try:
        found = list(forks.located(mirror, wanted))
    except RemoteGoneError:
        yield from failed(wanted, REPOSITORY_GONE)
    except TooLargeError:
        yield from failed(wanted, TOO_LARGE)
    else:
        yield from (one for one in found if isinstance(one, Failed))
        yield from by_room(mirror, [one for one in found if isinstance(one, Pull)])


def failed(some: Sequence[Wanted | Pull], reason: str) -> Iterator[Failed]:
    """Yield the failure of each of `some`."""
    return (Failed(one.number, reason) for one in some)


def by_room(mirror: Mirror, pulls: Sequence[Pull]) -> Iterator[Changes | Failed]:
    """Yield the changes of `pulls`; if they take too much room together, of half after half."""
    yielded = set[int]()
    try:
        for one in of(mirror, pulls):
            yielded.add(one.number)
            yield one
    except TooLargeError:
        mirror.forget()
        yield from by_halves(mirror, [pull for pull in pulls if pull.number not in yielded])
    except RemoteGoneError:
        yield from failed([pull for pull in pulls if pull.number not in yielded], REPOSITORY_GONE)


def by_halves(mirror: Mirror, pulls: Sequence[Pull]) -> Iterator[Changes | Failed]:
    """Yield the changes of what takes too much room together; what does so alone has failed."""
    if len(pulls) == 1:
        yield from failed(pulls, TOO_LARGE)
        return
    middle = len(pulls) // 2
    yield from by_room(mirror, pulls[:middle])
    yield from by_room(mirror, pulls[middle:])


def of(mirror: Mirror, pulls: Sequence[Pull]) -> Iterator[Changes | Failed]:
    """Bring what `pulls` need and yield their changes."""
    found = list(forks.with_trees(mirror, pulls))
    yield from (one for one in found if isinstance(one, Failed))
    for batch in differences.listed(mirror, [one for one in found if isinstance(one, Pull)]):
        if isinstance(batch, Failed):
            yield batch
        else:
            yield from of_batch(mirror, batch)


def of_batch(mirror: Mirror, batch: Sequence[Difference]) -> Iterator[Changes | Failed]:
    """Bring the contents that `batch` needs and yield its changes."""
    lost, sizes = mirror.contents(blob for one in batch for blob in one.blobs())
    whole = []
    for one in batch:
        if lost and not lost.isdisjoint(one.blobs()):
            yield Failed(one.pull.number, UNREADABLE)
        else:
            whole.append(one)
    with mirror.git.dialogue("cat-file", "--batch") as reader:
        for made in differences.patched(mirror, whole, sizes):
            mirror.check()
            if isinstance(made, Failed):
                yield made
                continue
            yield Changes(
                number=made.pull.number,
                merge_base=made.pull.merge_base,
                commits=pull_commits.commits(reader, made.pull.commits, mirror.limits),
                files=pull_files.files(reader, made, sizes, mirror.limits),
            )
