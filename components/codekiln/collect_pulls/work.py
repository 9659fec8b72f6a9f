"""What the passes over one repository share: what was seen, how far the run is, how to write."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from codekiln.collect_pulls import ledger, listing, state
from codekiln.collect_pulls.examination import Examined, Examiner
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.state import Place, State
from codekiln.collect_pulls.step import Advance, Before, Step
from codekiln.core.corpus.pulls import LedgerRow
from codekiln.core.errors import ServiceError


class Work:
    """One repository in one run.

    `held` is the state before the run, `state` as it will be when all that was put is committed,
    its sums left aside.
    """

    def __init__(self, examiner: Examiner, look: Look, held: State) -> None:
        self.examiner, self.look, self.held = examiner, look, held
        examiner.comments.looked_at = look.updated_at
        self.github = examiner.sources.github
        self.plan = examiner.plan
        self.key = examiner.origin.node_id
        self.path = f"/repos/{look.name}/pulls"
        rules = self.plan.rules.digest()
        self.begin = partial(state.begun, look=look, license_=examiner.origin.license, rules=rules)
        self.state = self.begin(held)
        self.done: set[int] = set()
        """What this run has examined outside the walk down the line."""

    def parsed(self, row: Mapping[str, Any]) -> Listed:
        """Read a row of GitHub's answer, which was asked for by the repository's name.

        Raises ServiceError if another repository bears that name by now.
        """
        if not listing.is_of(row, self.key):
            raise ServiceError(
                f"{self.look.name} is another repository than a moment ago: the one that was "
                "looked at was deleted or renamed; run again to look anew"
            )
        return listing.parsed(row)

    def is_of_look(self, listed: Listed) -> bool:
        """Say whether `listed` was there at the look; what came later is the next run's."""
        return self.look.saw(listed.created_at)

    async def known(self, listed: Sequence[Listed]) -> Mapping[int, Known]:
        """Return what the ledger held of `listed` before this run, by number."""
        if not listed or not self.held.sums.listed:
            return {}
        numbers = sorted(one.number for one in listed)
        return await self.examiner.sources.store.known(self.key, numbers)

    async def put(self, advance: Advance, examined: Examined | None = None) -> None:
        """Write a step: what was examined, and what it does to the state."""
        rows, pulls = (examined.rows, examined.pulls) if examined else ([], [])
        by_number = sorted(pulls, key=lambda pull: pull.number)
        step = Step(
            key=self.key,
            advance=partial(_from_begin, self.begin, advance),
            rows=sorted(rows, key=lambda row: row.number),
            pulls=by_number,
        )
        await self.examiner.sources.store.put(step)

    async def put_outside_walk(
        self, examined: Examined, inside: frozenset[int], known: Mapping[int, Known]
    ) -> None:
        """Write what was examined out of turn, and `known` before; the window holds `inside`."""
        self.done.update(row.number for row in examined.rows)
        grown = [row for row in examined.rows if row.number in inside]
        self.state = _grown(self.state, known, rows=grown)
        await self.put(partial(_grown, rows=grown), examined)

    def inside(self, listed: Sequence[Listed]) -> frozenset[int]:
        """Return the numbers of those that the window holds."""
        return frozenset(one.number for one in listed if self.state.holds(place(one)))


def place(listed: Listed) -> Place:
    """Return the place of `listed` in the line of pull requests."""
    return Place(listed.created_at, listed.number)


def _from_begin(begin: partial[State], advance: Advance, held: State, before: Before) -> State:
    return advance(begin(held), before)


def _grown(held: State, before: Before, *, rows: Sequence[LedgerRow]) -> State:
    """Count the new rows of the window, and those that pass now and did not before."""
    new, passed = ledger.growth(before, rows)
    return state.grown(held, new, passed)
