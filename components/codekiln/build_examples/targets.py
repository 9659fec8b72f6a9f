"""What became of each declaration of a file: which one before is which one after.

Declarations are the same if they have the same name (methods: and the same receiver), whatever else
changed. What is left is compared by its tokens: a function that got another name is found so.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from codekiln.core.golang import lexing
from codekiln.core.golang.declarations import Declaration, Spec

ADDED, REMOVED, CHANGED, RENAMED, MOVED = "added", "removed", "changed", "renamed", "moved"

ALIKE = 0.7
"""Share of tokens in common (Jaccard, with their counts) from which two are one, renamed."""
FEWEST_TOKENS = 15
"""Shorter ones are alike by chance: `func (x X) Close() error { return nil }` has 16."""
MOST_PAIRS = 2500
"""Pairs compared in one file; beyond, a name tells."""
MOST_TOKENS = 20_000
"""Tokens of one file's removed and added declarations that are compared."""


@dataclass(frozen=True, slots=True)
class Target:
    """One declaration and what became of it; one that was `removed` has no after, and so on."""

    change: str
    before: Declaration | None
    after: Declaration | None

    @property
    def shown(self) -> Declaration:
        """Return it as it stands now, or stood."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a target has one side at the least")
        return found

    @property
    def name(self) -> str:
        """Return what it is called; of a group, the first name that changed."""
        return self.names[0]

    @property
    def names(self) -> list[str]:
        """Return the names of a group that changed, those that are left first."""
        old = self.before.specs if self.before else ()
        new = self.after.specs if self.after else ()
        changed = [*_beside(new, old), *_beside(old, new)]
        return list(dict.fromkeys(changed)) or [self.shown.name]


def _beside(some: Sequence[Spec], others: Sequence[Spec]) -> Iterable[str]:
    """Yield the names of `some` that none of `others` has with the same text."""
    known = {(spec.name, spec.text) for spec in others}
    return (spec.name for spec in some if (spec.name, spec.text) not in known)


def targets(before: Sequence[Declaration], after: Sequence[Declaration]) -> list[Target]:
    """Return what differs between two states of a file: as it stands after, the removed last."""
    gone, come = _without_same(before, after)
    found = _by_name(gone, come)
    taken = {id(old) for old in found.values()}
    renamed = _alike(
        [one for one in gone if id(one) not in taken],
        [one for one in come if id(one) not in found],
    )
    taken |= {id(old) for old in renamed.values()}
    made = [_target(new, found.get(id(new)), renamed.get(id(new))) for new in come]
    return made + [Target(REMOVED, one, None) for one in gone if id(one) not in taken]


def _target(after: Declaration, same: Declaration | None, alike: Declaration | None) -> Target:
    if same is not None:
        return Target(CHANGED, same, after)
    return Target(RENAMED, alike, after) if alike else Target(ADDED, None, after)


def _without_same(
    before: Sequence[Declaration], after: Sequence[Declaration]
) -> tuple[list[Declaration], list[Declaration]]:
    """Leave out what stands on both sides, as often as it does: a file may have many `init`."""
    left = Counter(one.text for one in after)
    right = Counter(one.text for one in before)
    return list(_beyond(before, left)), list(_beyond(after, right))


def _beyond(some: Iterable[Declaration], others: Counter[str]) -> Iterable[Declaration]:
    for one in some:
        if others[one.text]:
            others[one.text] -= 1
        else:
            yield one


def _by_name(gone: Sequence[Declaration], come: Sequence[Declaration]) -> dict[int, Declaration]:
    """Return which of `gone` bears a name of each of `come` (by identity), first come first."""
    waiting: dict[str, deque[Declaration]] = defaultdict(deque)
    for old in gone:
        for key in old.keys:
            waiting[key].append(old)
    found: dict[int, Declaration] = {}
    taken: set[int] = set()
    for new in come:
        same = next(filter(None, (_next(waiting[key], taken) for key in new.keys)), None)
        if same is not None:
            found[id(new)] = same
            taken.add(id(same))
    return found


def _next(waiting: deque[Declaration], taken: set[int]) -> Declaration | None:
    while waiting and id(waiting[0]) in taken:
        waiting.popleft()
    return waiting[0] if waiting else None


def _alike(gone: Sequence[Declaration], come: Sequence[Declaration]) -> dict[int, Declaration]:
    """Return which of `gone` each of `come` (by identity) is under a new name, the best first."""
    old = [(one, Counter(lexing.tokens(one.text, comments=False))) for one in gone]
    new = [(one, Counter(lexing.tokens(one.text, comments=False))) for one in come]
    if len(old) * len(new) > MOST_PAIRS or sum(b.total() for _, b in old + new) > MOST_TOKENS:
        return {}
    scored = [
        (likeness(bag, other), -place, new_one, old_one)
        for place, (new_one, bag) in enumerate(new)
        for old_one, other in old
        if old_one.kind == new_one.kind
    ]
    found: dict[int, Declaration] = {}
    taken: set[int] = set()
    for score, _, new_one, old_one in sorted(scored, key=lambda pair: pair[:2], reverse=True):
        if score >= ALIKE and id(new_one) not in found and id(old_one) not in taken:
            found[id(new_one)] = old_one
            taken.add(id(old_one))
    return found


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return the Jaccard similarity of two bags of tokens; 0 where one is too short to tell."""
    if min(one.total(), other.total()) < FEWEST_TOKENS:
        return 0.0
    return (one & other).total() / (one | other).total()


def across(files: Sequence[Sequence[Target]]) -> list[list[Target]]:
    """Join what one file lost and another got: one name, only once on each side.

    The one that got it has it as `moved`, with what stood in the other; the other has it no more.
    """
    lost = _once(files, REMOVED)
    got = _once(files, ADDED)
    both = {key for key in lost if key in got and lost[key][0] != got[key][0]}
    return [
        [
            _moved(target, lost) if target.change == ADDED and _key(target) in both else target
            for target in some
            if target.change != REMOVED or _key(target) not in both
        ]
        for some in files
    ]


def _moved(target: Target, lost: dict[str, tuple[int, Target]]) -> Target:
    return replace(target, change=MOVED, before=lost[_key(target)][1].before)


def _key(target: Target) -> str:
    return target.shown.keys[0]


def _once(files: Sequence[Sequence[Target]], change: str) -> dict[str, tuple[int, Target]]:
    """Return by name, with the number of its file, what became so exactly once."""
    found: dict[str, list[tuple[int, Target]]] = defaultdict(list)
    for number, some in enumerate(files):
        for target in some:
            if target.change == change:
                found[_key(target)].append((number, target))
    return {key: places[0] for key, places in found.items() if len(places) == 1}
