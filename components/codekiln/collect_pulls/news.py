"""What is not a walk down the line: what failed in the last run, and what changed since."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from codekiln.collect_pulls import pages, state
from codekiln.collect_pulls.examination import Examined
from codekiln.collect_pulls.holes import VANISHED
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.pages import Params
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Before
from codekiln.collect_pulls.work import Work, place
from codekiln.core.corpus.pulls import FAILED, LedgerRow
from codekiln.core.github.errors import GoneError

BY_CHANGE: Params = {"state": "all", "sort": "updated", "direction": "desc"}


async def again(work: Work) -> None:
    """Examine once more what failed for a reason that may have passed."""
    numbers = work.held.retry
    for start in range(0, len(numbers), pages.SIZE):
        part = numbers[start : start + pages.SIZE]
        held = await work.examiner.sources.store.known(work.key, part)
        listed, gone = [], []
        for number in part:
            try:
                listed.append(work.parsed((await work.github.get(f"{work.path}/{number}")).body))
            except GoneError:
                gone += [held[number].row(number, FAILED, VANISHED)] if number in held else []
        await _examine(work, listed, gone, held)


async def changed(work: Work) -> None:
    """Examine what is new or changed since the last run, and a while before it."""
    before, look = work.held.seen_to, work.look
    if before is None or (before, work.held.sums.total) == (look.updated_at, look.total):
        return
    stop = before - work.plan.overlap
    async for page in pages.walk(work.github, work.path, BY_CHANGE):
        rows = [work.parsed(row) for row in page.rows]
        recent = [one for one in rows if one.updated_at >= stop]
        asked = [one for one in recent if work.is_of_look(one) and one.number not in work.done]
        known = await work.known(asked)
        await _examine(work, _news(work, asked, known, before), [], known)
        if len(recent) < len(rows):
            break
    await work.put(partial(_refreshed, look=look, since=before))


def _news(
    work: Work, asked: Sequence[Listed], known: Mapping[int, Known], before: datetime
) -> list[Listed]:
    """Return those of `asked` that the window wants, or that are known as they are no more.

    What changed after the last look, at `before`, was read in a second that was perhaps not over.
    """
    there = [one for one in asked if one.number in known]
    changed = [
        one for one in there if one.updated_at > before or not known[one.number].is_like(one)
    ]
    new = [one for one in asked if one.number not in known and work.state.holds(place(one))]
    return changed + new


async def _examine(
    work: Work,
    listed: Sequence[Listed],
    gone: Sequence[LedgerRow],
    known: Mapping[int, Known],
) -> None:
    if not listed and not gone:
        return
    examined = await work.examiner.examine(listed)
    whole = Examined([*examined.rows, *gone], examined.pulls)
    await work.put_outside_walk(whole, work.inside(listed), known)


def _refreshed(held: State, _before: Before, *, look: Look, since: datetime) -> State:
    return state.refreshed(held, look, since)
