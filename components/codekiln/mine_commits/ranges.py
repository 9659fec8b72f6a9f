"""Cutting a history into ranges, each with what only the whole graph can tell of its commits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from codekiln.core.git.command import Git
from codekiln.core.git.graph import Graph
from codekiln.core.git.repository import TAGS, Ref
from codekiln.mine_commits.limits import Limits

Count = Callable[[int], None]
"""Called with the number of commits done since the last call."""

SHORTEST_ABBREVIATION = 7


class Known(NamedTuple):
    """What the graph knows of one commit. `base` is what to diff with: None is the empty tree."""

    order: int
    sha: str
    abbreviation: str
    base: str | None
    is_boundary: bool
    is_merge: bool
    merge_base: str | None
    time_since_parent: int | None
    branches: tuple[str, ...]
    branch_count: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Commits that follow each other, and the number of the file they go to."""

    number: int
    commits: Sequence[Known]


@dataclass(frozen=True, slots=True)
class Job:
    """One range to be mined, and all it takes; small enough to be sent to another process."""

    git: Git
    range: Range
    folder: Path
    limits: Limits


def ranges(graph: Graph, refs: Sequence[Ref], limits: Limits) -> Iterator[Range]:
    """Cut `graph` into ranges, parents before children; the cut depends on nothing else."""
    known = Teller(graph, refs, limits)
    first = len(graph) - wanted(graph, limits)
    for number, start in enumerate(range(first, len(graph), limits.range_commits)):
        stop = min(start + limits.range_commits, len(graph))
        yield Range(number, [known.of(place) for place in range(start, stop)])


def wanted(graph: Graph, limits: Limits) -> int:
    """Return how many commits are to be mined."""
    return min(len(graph), limits.newest or len(graph))


class Teller:
    """Tells what a graph and its refs know of a commit."""

    def __init__(self, graph: Graph, refs: Sequence[Ref], limits: Limits) -> None:
        self.graph = graph
        self.limits = limits
        self.width = abbreviation(graph.shas)
        branches = [ref for ref in refs if ref.is_branch]
        self.names = [ref.short for ref in branches]
        self.masks = graph.containing(graph.numbers[ref.commit] for ref in branches)
        self.listed: dict[int, tuple[str, ...]] = {}
        self.tags: dict[str, list[str]] = {}
        for ref in refs:
            if ref.name.startswith(TAGS):
                self.tags.setdefault(ref.commit, []).append(ref.short)

    def of(self, number: int) -> Known:
        """Return what is known of the commit with this number."""
        graph = self.graph
        sha, parents, mask = graph.shas[number], graph.parents[number], self.masks[number]
        is_boundary = number in graph.boundary
        base = None if is_boundary or not parents else parents[0]
        merge_base = graph.merge_base(number)
        return Known(
            order=number,
            sha=sha,
            abbreviation=sha[: self.width],
            base=None if base is None else graph.shas[base],
            is_boundary=is_boundary,
            is_merge=len(parents) > 1 and not is_boundary,
            merge_base=None if merge_base is None else graph.shas[merge_base],
            time_since_parent=None if base is None else self.seconds_between(base, number),
            branches=self.branches(mask),
            branch_count=mask.bit_count(),
            tags=tuple(self.tags.get(sha, ())),
        )

    def seconds_between(self, parent: int, child: int) -> int | None:
        """Return the seconds between two commits, None where a time is broken (git reads 0)."""
        times = self.graph.times
        if not 0 < times[parent] < BROKEN_FROM or not 0 < times[child] < BROKEN_FROM:
            return None
        return times[child] - times[parent]

    def branches(self, mask: int) -> tuple[str, ...]:
        """Return the first names in the bit set `mask`."""
        if mask not in self.listed:
            names: list[str] = []
            left = mask
            while left and len(names) < self.limits.branches:
                lowest = left & -left
                names.append(self.names[lowest.bit_length() - 1])
                left ^= lowest
            self.listed[mask] = tuple(names)
        return self.listed[mask]


BROKEN_FROM = 253402300800
"""The year 10000."""


def abbreviation(shas: Sequence[str]) -> int:
    """Return how many characters tell all of `shas` apart, 7 at the least."""
    width = SHORTEST_ABBREVIATION
    ordered = sorted(shas)
    for one, following in pairwise(ordered):
        while one[:width] == following[:width]:
            width += 1
    return width
