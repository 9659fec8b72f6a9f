"""Where two lines of history part: merge bases of very many pairs, without a process for each.

The graph is read once and grows with what is fetched. Commits have numbers, parents before
children, so a walk by falling number meets each commit after all of its descendants: what it says
of ancestors is exact, whatever the commits' clocks say.
"""

import heapq
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from codekiln.core.git.command import Git
from codekiln.core.git.first_parents import BESIDE, Line, down_from, drawn
from codekiln.core.git.graph import LATEST

WALK = ("rev-list", "--topo-order", "--reverse", "--parents", "--timestamp", "--stdin")

BASE, HEAD, STALE = 1, 2, 4
BOTH = BASE | HEAD

MOST_TIPS = 200
"""Commits whose histories git need not list: the end of the line, and those read last."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Where `head` left `base`: the merge base ("" if there is none) and the commits of head alone.

    `commits` are in an order that depends on nothing but them: parents first, else oldest first.
    Of several merge bases it is the one that `git diff base...head` takes.
    """

    merge_base: str
    commits: Sequence[str]


class Ancestry:
    """Every commit that was read, by number."""

    def __init__(self) -> None:
        self.shas: list[str] = []
        self.numbers: dict[str, int] = {}
        self.parents: list[tuple[int, ...]] = []
        self.times = array("q")
        self.tips: dict[str, None] = {}
        self.line = Line([], [])
        self.newest = ""

    def __contains__(self, sha: str) -> bool:
        """Tell whether the commit `sha` was read."""
        return sha in self.numbers

    def read(self, git: Git, tips: Iterable[str]) -> None:
        """Read the commits that `tips` reach and that are not known yet.

        Raise InputError if one of them is not there. git is told of `self.tips` alone, so that
        what it costs does not grow with what was read; what it lists again is known by its hash.
        """
        new = [tip for tip in dict.fromkeys(tips) if tip not in self.numbers]
        if not new:
            return
        listed = git.output(*WALK, given=[*new, *(f"^{tip}" for tip in self.tips)])
        self.grow(listed.decode("ascii"))
        heads = {**self.tips, **dict.fromkeys(new)}
        inner = {self.shas[parent] for tip in heads for parent in self.parents[self.numbers[tip]]}
        outer = [tip for tip in heads if tip not in inner]
        self.tips = dict.fromkeys(outer[-MOST_TIPS:])

    def grow(self, listed: str) -> None:
        """Add what `rev-list --parents --timestamp` printed, parents first."""
        for row in listed.split("\n")[:-1]:
            time, sha, *above = row.split(" ")
            if sha in self.numbers:
                continue
            self.numbers[sha] = len(self.shas)
            self.shas.append(sha)
            self.times.append(min(int(time), LATEST))
            numbers = self.numbers
            self.parents.append(tuple([numbers[p] for p in dict.fromkeys(above) if p in numbers]))

    def align(self, tips: Iterable[str]) -> None:
        """Choose the first-parent line of one of `tips` that most are on, unless most are on one.

        Pairs whose base is on the line cost a walk over the commits of their head alone.
        """
        numbers = [self.numbers[tip] for tip in tips if tip in self.numbers]
        on_line = sum(self.place(number) != BESIDE for number in numbers)
        if on_line * 2 < len(numbers):
            candidates = [down_from(tip, self.parents) for tip in spread(numbers)]
            wanted = set(numbers)
            best = max(candidates, key=lambda line: len(wanted & set(line)))
            self.line, self.newest = drawn(best, self.parents), self.shas[best[0]]
        if self.newest:
            self.tips.pop(self.newest, None)
            self.tips[self.newest] = None

    def place(self, number: int) -> int:
        """Return the place of a commit on the line; one read later is beside it."""
        return self.line.place[number] if number < len(self.line.place) else BESIDE

    def fork(self, base: str, head: str) -> Fork:
        """Tell where `head` left `base`; both must have been read."""
        one, other = self.numbers[base], self.numbers[head]
        found = self.beside_line(one, other) if self.place(one) != BESIDE else None
        bests, own = found or self.painted(one, other)
        merge_base = self.shas[self.chosen(one, other, bests)] if bests else ""
        return Fork(merge_base, [self.shas[number] for number in self.ordered(own)])

    def beside_line(self, base: int, head: int) -> tuple[list[int], list[int]] | None:
        """Return the best common ancestor and head's own commits, None where that takes more.

        `base` is on the line, so "is an ancestor of it" is a comparison.
        """
        under, limit, end = self.line.under, self.place(base), len(self.line.under)
        own, shore, pending, seen = [], [], [head], {head}
        while pending:
            number = pending.pop()
            if number < end and under[number] <= limit:
                shore.append(number)
                continue
            own.append(number)
            for parent in self.parents[number]:
                if parent not in seen:
                    seen.add(parent)
                    pending.append(parent)
        highest = max((self.place(number) for number in shore), default=BESIDE)
        # What the highest place of the line contains cannot be a best common ancestor beside it.
        bests = [n for n in shore if self.place(n) == highest or under[n] > highest]
        return (bests, own) if len(bests) < 2 else None

    def painted(self, base: int, head: int) -> tuple[list[int], list[int]]:
        """Return all best common ancestors and head's own commits, by a walk from both."""
        colors = {base: BASE}
        colors[head] = colors.get(head, 0) | HEAD
        heap = [-number for number in colors]
        heapq.heapify(heap)
        bests, own, open_ones = [], [], len(heap)
        while open_ones:
            number = -heapq.heappop(heap)
            color = colors[number]
            open_ones -= color < STALE
            if color == BOTH:
                bests.append(number)
                color |= STALE
            elif color == HEAD:
                own.append(number)
            for parent in self.parents[number]:
                old = colors.get(parent)
                if old is None:
                    heapq.heappush(heap, -parent)
                new = (old or 0) | color
                colors[parent] = new
                open_ones += (new < STALE) - (old is not None and old < STALE)
        return bests, own

    def chosen(self, base: int, head: int, bests: Sequence[int]) -> int:
        """Return the one of several merge bases that git names first: the newest by its clock."""
        newest = max(self.times[number] for number in bests)
        equal = {number for number in bests if self.times[number] == newest}
        if len(equal) == 1:
            return equal.pop()
        return next(number for number in self.by_clock(base, head) if number in equal)

    def by_clock(self, base: int, head: int) -> Iterator[int]:
        """Yield commits as git's own walk for merge bases meets them (commit-reach.c).

        It goes by falling time, and where times are equal by the order of arrival.
        """
        colors = {base: BASE}
        colors[head] = colors.get(head, 0) | HEAD
        heap = [(-self.times[base], 0, base), (-self.times[head], 1, head)]
        heapq.heapify(heap)
        arrived = 2
        while heap:
            number = heapq.heappop(heap)[2]
            color = colors[number] | (STALE if colors[number] == BOTH else 0)
            if color & BOTH == BOTH:
                yield number
            for parent in self.parents[number]:
                if colors.get(parent, 0) & color != color:
                    colors[parent] = colors.get(parent, 0) | color
                    heapq.heappush(heap, (-self.times[parent], arrived, parent))
                    arrived += 1

    def ordered(self, own: Sequence[int]) -> list[int]:
        """Return commits parents first, else by time, else by hash: the same in every run."""
        if len(own) < 2:
            return list(own)
        waiting, children = {}, dict[int, list[int]]()
        inside = set(own)
        for number in own:
            above = [parent for parent in self.parents[number] if parent in inside]
            waiting[number] = len(above)
            for parent in above:
                children.setdefault(parent, []).append(number)
        return list(released(waiting, children, lambda n: (self.times[n], self.shas[n], n)))


def spread(numbers: Sequence[int]) -> list[int]:
    """Return a few of `numbers`: the newest, the oldest and some between."""
    ordered = sorted(set(numbers), reverse=True)
    return ordered[:: max(1, len(ordered) // 6)]


def released(
    waiting: dict[int, int],
    children: dict[int, list[int]],
    key: Callable[[int], tuple[int, str, int]],
) -> Iterator[int]:
    """Yield each number of `waiting` when it waits for no parent more, the least by `key` first."""
    heap = [key(number) for number, count in waiting.items() if not count]
    heapq.heapify(heap)
    while heap:
        number = heapq.heappop(heap)[2]
        yield number
        for child in children.get(number, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(heap, key(child))
