"""How far the collection of one repository has come: kept in its entry, with what was collected.

The pull requests of a repository form one line, newest first. The window is its upper part, down to
`floor`: each of them has a row in the ledger. A first run walks down from the top until enough of
them pass the first filters; a later one adds what came on top, reads again what was changed since
`seen_to`, and walks on down if it is told a larger cap.

Everything here follows from what GitHub said and what was asked for: a run that was stopped and
went on ends with the same state as one that was not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from codekiln.collect_pulls.listing import maybe_moment, moment
from codekiln.collect_pulls.looking import Look
from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.errors import InputError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the line of pull requests; the greater is the newer."""

    created_at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of one repository.

    `gone` says why GitHub no longer shows it. `rules` is the digest of the filters in force when
    the window was walked. `seen_to`: every change up to this moment is in the data. `walked` counts
    the window, `passed` those in it that passed the first filters, `missing` the rows that GitHub's
    pages should have held and did not. `at_end`: nothing lies below the window. `complete`: the
    last run came to its end. `hidden`: so many that nothing accounts for were looked for by a walk
    anew and not met, so that they ask for no other. `stale`: other rules walk the window anew, and
    what lies below it was judged by the old ones. `retry` are those that failed for a reason that
    may pass.
    """

    name: str = ""
    license: str = ""
    gone: str = ""
    rules: str = ""
    seen_to: datetime | None = None
    floor: Place | None = None
    walked: int = 0
    passed: int = 0
    missing: int = 0
    at_end: bool = False
    complete: bool = False
    hidden: int = 0
    stale: bool = False
    retry: tuple[int, ...] = ()
    sums: Sums = field(default_factory=Sums)

    def holds(self, place: Place) -> bool:
        """Say whether `place` lies in the window."""
        return self.floor is not None and place >= self.floor

    def needs_depth(self, cap: int) -> bool:
        """Say whether the window must go deeper for `cap` pull requests (0: all)."""
        return not self.at_end and (not cap or self.passed < cap)

    @property
    def has_holes(self) -> bool:
        """Say whether a walk to the end missed more than any walk anew would meet."""
        return self.complete and self.at_end and self.sums.unaccounted > self.hidden

    def is_current(self, look: Look, rules: str, cap: int) -> bool:
        """Say whether nothing that `look` tells asks for work."""
        same = (self.name, self.seen_to, self.sums.total, self.rules, self.gone) == (
            look.name, look.updated_at, look.total, rules, "",
        )  # fmt: skip
        is_whole = self.complete and not self.has_holes
        return same and is_whole and not self.retry and not self.needs_depth(cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A stretch of the line: from below `above` (None: from the top) down to `floor`."""

    above: Place | None
    floor: Place | None
    rows: int
    passed: int
    missing: int
    at_end: bool


def begun(state: State, look: Look, license_: str, rules: str) -> State:
    """Return `state` as a run that saw `look` begins.

    Other rules walk the window anew; so do pull requests that a walk to the end did not meet, for
    GitHub may not have listed them just then. Those are looked for once: a walk each night would
    not find what GitHub counts and never lists.
    """
    is_stale = state.stale or state.rules not in ("", rules)
    hidden = state.sums.unaccounted if state.has_holes else state.hidden
    if state.rules != rules or state.has_holes or _was_empty(state, look):
        state = replace(state, rules=rules, floor=None, walked=0, passed=0, missing=0, at_end=False)
    state = replace(state, stale=is_stale, hidden=hidden)
    totals = replace(state.sums, total=look.total)
    told = replace(state, name=look.name, license=license_, gone="", sums=totals, complete=False)
    return settled(told)


def _was_empty(state: State, look: Look) -> bool:
    """Say whether a line that had no end to walk to has one now: its first pull requests came."""
    return state.floor is None and not state.sums.total and look.total > 0


def walked(state: State, part: Walked) -> State:
    """Return `state` with the window longer by `part`, unless another run moved its floor."""
    if state.floor != part.above:
        return state
    return replace(
        state,
        floor=part.floor or state.floor,
        walked=state.walked + part.rows,
        passed=state.passed + part.passed,
        missing=state.missing + part.missing,
        at_end=part.at_end,
    )


def grown(state: State, rows: int, passed: int) -> State:
    """Return `state` with so many more rows in its window, put there from above."""
    return replace(state, walked=state.walked + rows, passed=state.passed + passed)


def refreshed(state: State, look: Look, before: datetime | None) -> State:
    """Return `state` after all that changed since `before` was read again.

    Where another run moved `seen_to` meanwhile, the earlier moment is what both have seen.
    """
    seen_to = look.updated_at
    if state.seen_to not in (before, None) and seen_to is not None:
        seen_to = min(seen_to, state.seen_to or seen_to)
    return replace(state, seen_to=seen_to)


def finished(state: State) -> State:
    """Return `state` at the end of a run."""
    whole = settled(replace(state, complete=True, stale=False))
    return replace(whole, hidden=min(whole.hidden, max(0, whole.sums.unaccounted)))


def unfinished(state: State, look: Look | None) -> State:
    """Return `state` after a run that failed: what `look` counted (None: it saw nothing) is owed.

    The next run must not take what the last one left for all there is.
    """
    told = replace(state, complete=False)
    if look is not None:
        at_end = state.at_end and not _was_empty(state, look)
        sums = replace(state.sums, total=look.total)
        told = replace(told, name=look.name, gone="", at_end=at_end, sums=sums)
    return settled(told)


def settled(state: State) -> State:
    """Return `state` with the part of GitHub's total that lies below a finished window.

    A window that ends at the last pull request has nothing below. What is missing inside the
    window is not below it, and stays unaccounted for. While a run is not at its end, what it found
    below before is, and what came since is unaccounted for.
    """
    below = 0 if state.at_end else state.sums.total - state.sums.listed - state.missing
    beyond = max(0, below if state.complete else min(below, state.sums.beyond))
    return replace(state, sums=replace(state.sums, beyond=beyond))


def vanished(state: State, reason: str, name: str) -> State:
    """Return `state` of a repository that GitHub does not show: what was collected is all."""
    sums = replace(state.sums, total=state.sums.listed, beyond=0)
    return replace(state, gone=reason, name=state.name or name, complete=False, sums=sums)


def to_json(state: State) -> dict[str, Any]:
    """Return `state` as JSON."""
    told: dict[str, Any] = {one.name: getattr(state, one.name) for one in fields(state)}
    del told["sums"]
    floor = state.floor
    return told | {
        "seen_to": state.seen_to.isoformat() if state.seen_to else None,
        "floor": [floor.created_at.isoformat(), floor.number] if floor else None,
        "retry": list(state.retry),
        ledger.STATE: state.sums.to_json(),
    }


def from_json(told: Mapping[str, Any]) -> State:
    """Read what `to_json` wrote; an empty document is the state before the first run."""
    if not told:
        return State()
    told = {"hidden": 0, **told}  # entries of earlier versions do not tell it
    names = {one.name for one in fields(State)} - {"sums"}
    if not {*names, ledger.STATE} <= told.keys():
        raise InputError(
            f"the data set tells of {told.get('name', 'a repository')} in another way than this "
            "program: another version of it wrote there; collect into a new data set"
        )
    floor = told["floor"]
    read = {name: told[name] for name in names}
    read |= {
        "seen_to": maybe_moment(told["seen_to"]),
        "floor": Place(moment(floor[0]), floor[1]) if floor else None,
        "retry": tuple(told["retry"]),
    }
    return State(**read, sums=ledger.of_state(told))
