"""The shape of a history: every commit once, parents before children, and who contains whom."""

import heapq
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from codekiln.core.errors import InputError
from codekiln.core.git import objects
from codekiln.core.git.command import Git
from codekiln.core.git.first_parents import BESIDE, Line, down_from, drawn
from codekiln.core.git.repository import Repository

LATEST = (1 << 62) - 1
"""Times beyond this are kept as this; git itself prints up to 2^64 - 1."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Commits by number, parents before children and otherwise by committer time.

    `parents[n]` are numbers; parents that are not in the repository (a shallow or broken
    history) are left out, and `boundary` holds the commits that miss one. `times` are
    committer times in seconds as git reads them: 0 where it cannot.
    """

    shas: Sequence[str]
    parents: Sequence[tuple[int, ...]]
    times: Sequence[int]
    boundary: frozenset[int]

    def __len__(self) -> int:
        """Return the number of commits."""
        return len(self.shas)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Return the number of each commit by its hash."""
        return {sha: number for number, sha in enumerate(self.shas)}

    @cached_property
    def spine(self) -> Line:
        """Return the longest first-parent line."""
        return drawn(down_from(len(self) - 1, self.parents) if self.shas else [], self.parents)

    def merge_base(self, number: int) -> int | None:
        """Return the best common ancestor of all parents of a merge; of several the newest."""
        parents = self.parents[number]
        if len(parents) < 2:
            return None
        if len(parents) == 2:
            place, under = self.spine.place, self.spine.under
            for one, other in (parents, parents[::-1]):
                if place[one] != BESIDE:
                    # On the line, "is an ancestor of `one`" is a comparison, not a walk.
                    return self.nearest(other, under, place[one])
        return self.painted(parents)

    def nearest(self, start: int, under: Sequence[int], limit: int) -> int | None:
        """Return the newest ancestor of `start` (or itself) that is under `limit` of the spine."""
        heap, seen = [-start], {start}
        while heap:
            number = -heapq.heappop(heap)
            if under[number] <= limit:
                return number
            for parent in self.parents[number]:
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(heap, -parent)
        return None

    def painted(self, tips: Sequence[int]) -> int | None:
        """Return the newest commit that all `tips` contain: the first to get every color.

        Numbers put parents before children, so whoever comes off the heap has all its colors,
        and no later one can descend from it.
        """
        colors: dict[int, int] = {}
        for color, tip in enumerate(tips):
            colors[tip] = colors.get(tip, 0) | 1 << color
        heap = [-tip for tip in colors]
        heapq.heapify(heap)
        whole = (1 << len(tips)) - 1
        while heap:
            number = -heapq.heappop(heap)
            mine = colors.pop(number)
            if mine == whole:
                return number
            for parent in self.parents[number]:
                if parent not in colors:
                    heapq.heappush(heap, -parent)
                colors[parent] = colors.get(parent, 0) | mine
        return None

    def containing(self, tips: Iterable[int]) -> list[int]:
        """Return for each commit a bit set: bit k is set if the k-th of `tips` contains it."""
        masks = [0] * len(self)
        for bit, tip in enumerate(tips):
            masks[tip] |= 1 << bit
        shared: dict[int, int] = {}
        for number in range(len(self) - 1, -1, -1):
            mine = shared.setdefault(masks[number], masks[number])
            for parent in self.parents[number]:
                # Most commits stand on the same branches as their child: keep one object.
                masks[parent] = mine if not masks[parent] else masks[parent] | mine
            masks[number] = mine
        return masks


def read(repository: Repository) -> Graph:
    """Read the graph of every commit that a ref of `repository` reaches.

    Raise InputError if there is no commit. Where a commit is missing, its children are
    declared shallow in the view, so that git walks on as if history began there.
    """
    if not repository.refs:
        raise InputError(f"{repository.name} has no commits: give a repository with a history")
    tips = sorted({ref.commit for ref in repository.refs})
    done = repository.git.attempt(*WALK, given=tips)
    if done.returncode:
        declare_shallow(repository, orphaned(repository.git, tips))
        listed = repository.git.output(*WALK, given=tips)
    else:
        listed = done.stdout
    return parsed(listed, shallow_shas(repository))


WALK = ("rev-list", "--date-order", "--reverse", "--parents", "--timestamp", "--stdin")


def parsed(listed: bytes, shallow: frozenset[str]) -> Graph:
    """Read what `rev-list --parents --timestamp` printed."""
    shas: list[str] = []
    parents: list[tuple[int, ...]] = []
    times = array("q")
    numbers: dict[str, int] = {}
    for line in BytesIO(listed):  # a line at a time: a list of all would take 5 times the memory
        time, sha, *above = line.decode("ascii").split()
        numbers[sha] = len(shas)
        shas.append(sha)
        times.append(min(int(time), LATEST))
        parents.append(tuple([numbers[parent] for parent in dict.fromkeys(above)]))
    boundary = frozenset(numbers[sha] for sha in shallow if sha in numbers)
    return Graph(shas, parents, times, boundary)


def shallow_shas(repository: Repository) -> frozenset[str]:
    """Return the commits whose parents are not in the repository."""
    file = repository.shallow_file
    return frozenset(file.read_text("ascii").split()) if file.is_file() else frozenset()


def declare_shallow(repository: Repository, shas: Iterable[str]) -> None:
    """Tell git (in the view only) that the parents of `shas` are not to be looked for."""
    known = shallow_shas(repository) | frozenset(shas)
    repository.shallow_file.write_text("".join(f"{sha}\n" for sha in sorted(known)), "ascii")


def orphaned(git: Git, tips: Sequence[str]) -> set[str]:
    """Return the commits with a parent that is missing; a walk of our own, for broken histories."""
    missing: set[str] = set()
    children: dict[str, list[str]] = {}
    pending = list(tips)
    seen = set(tips)
    with git.dialogue("cat-file", "--batch") as process:
        while pending:
            sha = pending.pop()
            commit = objects.ask(process, sha)
            if commit is None or commit.kind != "commit":
                missing.add(sha)
                continue
            for parent in objects.parents(commit.data):
                children.setdefault(parent, []).append(sha)
                if parent not in seen:
                    seen.add(parent)
                    pending.append(parent)
    return {child for sha in missing for child in children.get(sha, [])}
