"""Where each pull request left its base: its merge base, and the commits that are its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.errors import InputError
from codekiln.core.git import objects

HEAD_GONE = "head is gone"
BASE_GONE = "base is gone"
UNRELATED = "no common history"
UNREADABLE = "objects are missing"
TOO_LARGE = "repository too large"
REPOSITORY_GONE = "repository is gone"

TREE_BYTES = 80
"""A commit begins with the hash of its tree."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pull request as GitHub lists it; `merge_sha` ("" for none) is its merge_commit_sha."""

    number: int
    head_sha: str
    base_sha: str
    merge_sha: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A pull request that git cannot tell of, and why: one of the reasons above."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request that git knows: from `merge_base` to `head` by its own `commits`."""

    number: int
    head: str
    merge_base: str
    commits: Sequence[str]

    @property
    def line(self) -> str:
        """What to ask diff-tree for its diff."""
        return f"{self.head} {self.merge_base}"


def located(mirror: Mirror, wanted: Sequence[Wanted]) -> Iterator[Pull | Failed]:
    """Bring the histories of `wanted` and tell where each left its base."""
    lost = mirror.commits(sha for one in wanted for sha in (one.head_sha, one.base_sha))
    lost |= unread(mirror, {sha for one in wanted for sha in (one.head_sha, one.base_sha)} - lost)
    bases = {**{one.number: one.base_sha for one in wanted}, **other_bases(mirror, wanted, lost)}
    mirror.ancestry.align(bases[one.number] for one in wanted)
    for one in wanted:
        base = bases[one.number]
        if one.head_sha in lost:
            yield Failed(one.number, HEAD_GONE)
        elif base in lost:
            yield Failed(one.number, BASE_GONE)
        else:
            yield forked(mirror, one, base)


def forked(mirror: Mirror, one: Wanted, base: str) -> Pull | Failed:
    """Tell where one pull request left its base."""
    fork = mirror.ancestry.fork(base, one.head_sha)
    if not fork.merge_base:
        return Failed(one.number, UNRELATED)
    return Pull(one.number, one.head_sha, fork.merge_base, fork.commits)


def unread(mirror: Mirror, shas: set[str]) -> set[str]:
    """Read the histories of `shas`; return those whose history has a hole."""
    try:
        mirror.ancestry.read(mirror.git, sorted(shas))
    except InputError:
        return {sha for sha in sorted(shas) if not has_history(mirror, sha)}
    return set()


def has_history(mirror: Mirror, sha: str) -> bool:
    """Read the history of one commit; tell whether it is whole."""
    try:
        mirror.ancestry.read(mirror.git, [sha])
    except InputError:
        return False
    return True


def other_bases(mirror: Mirror, wanted: Sequence[Wanted], lost: set[str]) -> Mapping[int, str]:
    """Return, where the base is gone, what the merge was made on: its first parent.

    It holds all that the base held, and of the pull request nothing that it did not hold.
    """
    stranded = [one for one in wanted if one.base_sha in lost and one.head_sha not in lost]
    merges = {one.merge_sha for one in stranded if one.merge_sha}
    gone = mirror.commits(merges) if merges else set()
    gone |= unread(mirror, merges - gone)
    ancestry = mirror.ancestry
    found: dict[int, str] = {}
    for one in stranded:
        if one.merge_sha in merges - gone:
            above = ancestry.parents[ancestry.numbers[one.merge_sha]]
            found |= {one.number: ancestry.shas[above[0]]} if above else {}
    return found


def with_trees(mirror: Mirror, pulls: Sequence[Pull]) -> Iterator[Pull | Failed]:
    """Bring the trees of each pull request's two ends."""
    ends = sorted({sha for pull in pulls for sha in (pull.head, pull.merge_base)})
    begun = objects.stream(mirror.git, ends, TREE_BYTES)
    trees = {sha: tree_of(one) for sha, one in zip(ends, begun, strict=True)}
    lost = mirror.trees(trees.values())
    for pull in pulls:
        whole = trees[pull.head] not in lost and trees[pull.merge_base] not in lost
        yield pull if whole else Failed(pull.number, UNREADABLE)


def tree_of(commit: objects.Object | None) -> str:
    """Return the hash of a commit's tree."""
    words = (commit.data if commit else b"").split(b"\n")[0].split(b" ")
    return words[-1].decode("ascii", "replace")
