"""What of one file may become an example: a declaration where it fits, else its hunks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from codekiln.build_examples import hunks, triage
from codekiln.build_examples.hunks import Hunk, TornError
from codekiln.build_examples.limits import Limits
from codekiln.build_examples.targets import MOVED, REMOVED, Target
from codekiln.core.corpus.examples import DECLARATION, HUNK
from codekiln.core.corpus.pulls import ChangedFile
from codekiln.core.golang.declarations import METHOD, TYPE, Declaration, Outline

OVER_BUDGET = "over the budget"
REMOVED_DECLARATION = "declaration removed"
MOVED_ONLY = "moved only"
CUT_PATCH = "patch cut"
NOTHING_WRITTEN = "nothing written"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become an example. `start` and `stop` are its lines in the file after.

    `target` tells it from the others of its file. A hunk may touch several targets, or none that is
    known; those are in `targets`, the most touched first.
    """

    file: ChangedFile
    kind: str
    target: str
    targets: Sequence[Target]
    before: str
    code: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Looked:
    """One file looked into: what differs, or why nothing is told."""

    file: ChangedFile
    before: Outline
    after: Outline
    targets: Sequence[Target]

    @property
    def broken(self) -> bool:
        """Say whether a side is not Go, so that its declarations are a guess."""
        return self.before.broken or self.after.broken


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one file in their order, and how many were dropped, by reason."""

    candidates: list[Candidate] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


class Neighborhood:
    """What stood in a file before, near each place of the file after."""

    def __init__(self, looked: Looked) -> None:
        self._before = {key: one for one in looked.before.declarations for key in one.keys}
        after = looked.after.declarations
        self._above = self._known(after)
        self._below = self._known(reversed(after))

    def _known(self, some: Iterable[Declaration]) -> dict[int, Declaration | None]:
        """Return by line what was met last, of what stood there before, on the way to it."""
        last: Declaration | None = None
        found: dict[int, Declaration | None] = {}
        for one in some:
            found[one.start] = last
            last = next((self._before[key] for key in one.keys if key in self._before), last)
        return found

    def around(self, added: Declaration, most: int) -> str:
        """Return what stood around the place of a new declaration, `most` characters of it.

        It is the type of a method's receiver, the declaration above and the one below, each whole
        if it fits, in the order of the file; "" in a new file.
        """
        chosen: dict[int, Declaration] = {}
        for one in self._near(added):
            if one is not None and len(one.text) + 2 <= most and one.start not in chosen:
                chosen[one.start] = one
                most -= len(one.text) + 2
        return "\n\n".join(one.text for _, one in sorted(chosen.items()))

    def _near(self, added: Declaration) -> Iterator[Declaration | None]:
        """Yield what stood near a new declaration, what tells most about it first."""
        if added.kind == METHOD:
            receiver = added.keys[0].removeprefix(METHOD).strip().partition(".")[0]
            yield self._before.get(f"{TYPE} {receiver}")
        yield self._above[added.start]
        yield self._below[added.start]


def of_file(looked: Looked, limits: Limits) -> Found:
    """Return the candidates of a file."""
    found = Found()
    if looked.broken:
        _add_hunks(found, looked, None, limits)
        return found
    numbers: Counter[str] = Counter()
    large: list[Target] = []
    near = Neighborhood(looked)
    for target in looked.targets:
        reason = dropped(target)
        if reason is not None:
            found.dropped[reason] += 1
        elif fits(target, limits):
            found.candidates.append(of_declaration(target, looked.file, near, numbers, limits))
        else:
            large.append(target)
    if large:
        _add_hunks(found, looked, large, limits)
    found.candidates.sort(key=lambda one: (one.start, one.kind))
    return found


def dropped(target: Target) -> str | None:
    """Name the reason why `target` gives nothing to learn, or None."""
    if target.change == REMOVED:
        return REMOVED_DECLARATION
    if target.before is None or target.after is None:
        return None
    reason = triage.cosmetic(target.before.text, target.after.text)
    return MOVED_ONLY if reason and target.change == MOVED else reason


def fits(target: Target, limits: Limits) -> bool:
    """Say whether the declaration fits the budget on both sides."""
    code = len(target.shown.text)
    before = len(target.before.text) if target.before else 0
    return code <= limits.code_chars and before <= limits.context_chars


def of_declaration(
    target: Target, file: ChangedFile, near: Neighborhood, numbers: Counter[str], limits: Limits
) -> Candidate:
    """Return the candidate of a whole declaration; `numbers` counts those of one name."""
    shown = target.shown
    key = shown.keys[0]
    numbers[key] += 1
    number = f" {numbers[key]}" if numbers[key] > 1 else ""
    before = target.before.text if target.before else near.around(shown, limits.context_chars)
    return Candidate(
        file, DECLARATION, key + number, (target,), before, shown.text, shown.start, shown.stop
    )


def _add_hunks(
    found: Found, looked: Looked, large: Sequence[Target] | None, limits: Limits
) -> None:
    """Add the hunks that touch `large` (None: all of them) to what was found."""
    try:
        cut = hunks.hunks(looked.file.patch, looked.file.before or "", looked.file.after or "")
    except TornError:
        found.dropped[CUT_PATCH] += 1 if large is None else len(large)
        return
    reached: set[int] = set()
    for hunk in cut:
        touched = [] if large is None else touched_by(hunk, looked.targets)
        wanted = {id(one) for one in touched} & {id(one) for one in large or ()}
        reached |= wanted
        if wanted or large is None:
            _add_hunk(found, looked, hunk, touched, limits)
    found.dropped.update(OVER_BUDGET for one in large or () if id(one) not in reached)


def _add_hunk(
    found: Found, looked: Looked, hunk: Hunk, touched: Sequence[Target], limits: Limits
) -> None:
    reason = unfit(hunk, limits)
    if reason is not None:
        found.dropped[reason] += 1
        return
    name = f"hunk {hunk.after_start}"
    made = Candidate(
        looked.file, HUNK, name, touched, hunk.before, hunk.after, hunk.after_start,
        hunk.after_stop,
    )  # fmt: skip
    found.candidates.append(made)


def unfit(hunk: Hunk, limits: Limits) -> str | None:
    """Name the reason why a hunk gives no example, or None."""
    if not hunk.after.strip():
        return NOTHING_WRITTEN
    if len(hunk.after) > limits.code_chars or len(hunk.before) > limits.context_chars:
        return OVER_BUDGET
    return triage.cosmetic(hunk.before, hunk.after)


def touched_by(hunk: Hunk, targets: Sequence[Target]) -> list[Target]:
    """Return the targets that `hunk` changes lines of, the most touched first.

    Before them come those that its lines after are part of, behind them those that are gone.
    """
    counted = [(_lines_in(hunk, target), target) for target in targets]
    touched = [pair for pair in counted if pair[0]]
    return [one for _, one in sorted(touched, key=lambda pair: _order(hunk, *pair))]


def _lines_in(hunk: Hunk, target: Target) -> int:
    return _within(hunk.added, target.after) + _within(hunk.removed, target.before)


def _order(hunk: Hunk, lines: int, target: Target) -> tuple[bool, bool, int]:
    # What moved into a new function is still told from the old one by the lines that went.
    is_elsewhere = not _within(hunk.added or [hunk.place], target.after)
    return target.after is None, is_elsewhere, -lines


def _within(numbers: Sequence[int], declaration: Declaration | None) -> int:
    """Return how many of `numbers`, which ascend, are lines of `declaration`."""
    if declaration is None:
        return 0
    return bisect_left(numbers, declaration.stop) - bisect_left(numbers, declaration.start)
