"""Walking down the line of pull requests, from where the window ends to where it shall end."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from codekiln.collect_pulls import filters, pages, state
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.pages import Page, Params
from codekiln.collect_pulls.state import Place, State, Walked
from codekiln.collect_pulls.step import Before
from codekiln.collect_pulls.work import Work, place
from codekiln.core.corpus.pulls import COLLECTED

BY_CREATION: Params = {"state": "all", "sort": "created", "direction": "desc"}

REMEMBERED = 3
"""Pages whose numbers are remembered: rows that come twice come soon."""


@dataclass(frozen=True)
class Stretch:
    """The rows of one page that lengthen the window; `is_last` says that the cap ends it there."""

    rows: Sequence[Listed]
    passed: int
    is_last: bool


async def deeper(work: Work) -> None:
    """Lengthen the window of `work` until enough pass the first filters, or the line ends."""
    if not work.state.needs_depth(work.plan.cap):
        return
    seen: list[set[int]] = []
    async for page in _below_floor(work):
        rows = [work.parsed(row) for row in page.rows]
        new = [one for one in rows if work.is_of_look(one) and not _is_seen(work, one, seen)]
        known = await work.known(new)
        stretch = _cut(work, new, known)
        await _walk(work, page, stretch, known)
        if stretch.is_last:
            break
        seen = [*seen, {one.number for one in rows}][-REMEMBERED:]


async def _below_floor(work: Work) -> AsyncIterator[Page]:
    """Yield the pages from the one on which the window ends.

    So many rows were walked, so its end is on that page or, if rows came on top, further down. If
    rows were deleted it is further up: then the page must be looked for.
    """
    number = max(1, -(-work.state.walked // pages.SIZE))
    page = await pages.page(work.github, work.path, BY_CREATION, number)
    while page.number > 1 and not _reaches_window(work, page):
        page = await pages.page(work.github, work.path, BY_CREATION, page.number - 1)
    yield page
    async for below in pages.walk(work.github, work.path, BY_CREATION, page):
        yield below


def _reaches_window(work: Work, page: Page) -> bool:
    return any(work.state.holds(place(work.parsed(row))) for row in page.rows)


def _is_seen(work: Work, listed: Listed, seen: Sequence[set[int]]) -> bool:
    floor = work.state.floor
    if any(listed.number in numbers for numbers in seen):
        return True
    if floor is None:
        return False
    # Of those opened in one second GitHub may list any first: once walking, only numbers tell.
    return place(listed) >= floor if not seen else listed.created_at > floor.created_at


def _cut(work: Work, rows: Sequence[Listed], known: Mapping[int, Known]) -> Stretch:
    """Return `rows` up to the one with which the window holds as many as the plan wants."""
    passed, cap = 0, work.plan.cap
    for count, one in enumerate(rows, start=1):
        passed += _is_collected(one, known) or _passes(work, one)
        if cap and work.state.passed + passed >= cap:
            return Stretch(rows[:count], passed, is_last=True)
    return Stretch(rows, passed, is_last=False)


def _passes(work: Work, listed: Listed) -> bool:
    return filters.of_listing(listed, work.plan.rules, work.plan.as_of) is None


def _is_collected(listed: Listed, known: Mapping[int, Known]) -> bool:
    """Say whether `listed` is in the data as it is now; other filters do not take it out."""
    held = known.get(listed.number)
    return held is not None and held.outcome == COLLECTED and held.is_like(listed)


def _is_settled(work: Work, listed: Listed, known: Mapping[int, Known]) -> bool:
    """Say whether the ledger tells of `listed` as it is now, by the rules of now."""
    held = known.get(listed.number)
    is_known = held is not None and held.is_like(listed)
    return (is_known and not work.state.stale) or _is_collected(listed, known)


async def _walk(work: Work, page: Page, stretch: Stretch, known: Mapping[int, Known]) -> None:
    """Examine the rows of `stretch` and put the step that makes them part of the window."""
    wanted = [
        one for one in stretch.rows
        if one.number not in work.done and not _is_settled(work, one, known)
    ]  # fmt: skip
    examined = await work.examiner.examine(wanted)
    part = _part(work, page, stretch)
    work.state = state.walked(work.state, part)
    await work.put(partial(_walked, look=work.look, part=part), examined)


def _part(work: Work, page: Page, stretch: Stretch) -> Walked:
    to_end = not stretch.is_last or stretch.rows[-1].number == page.rows[-1]["number"]
    floor: Place | None = place(stretch.rows[-1]) if stretch.rows else None
    return Walked(
        above=work.state.floor,
        floor=floor,
        rows=len(stretch.rows),
        passed=stretch.passed,
        missing=page.missing if to_end and stretch.rows else 0,
        at_end=page.is_last and to_end,
    )


def _walked(held: State, _before: Before, *, look: Look, part: Walked) -> State:
    """Lengthen the window; the first stretch of all also says since when changes are news."""
    if held.seen_to is None:
        held = state.refreshed(held, look, None)
    return state.walked(held, part)
