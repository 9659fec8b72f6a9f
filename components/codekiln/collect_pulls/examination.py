"""Finding out all about some pull requests of one repository, and what becomes of each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codekiln.collect_pulls import filters, holes
from codekiln.collect_pulls.comments import Comments
from codekiln.collect_pulls.details import Found
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.record import Origin, record
from codekiln.collect_pulls.sources import Mirror, Plan, Sources
from codekiln.core.corpus.pulls import (
    COLLECTED,
    FAILED,
    FILTERED,
    Changes,
    LedgerRow,
    PullRequest,
    ReviewComment,
)


@dataclass(frozen=True)
class Examined:
    """What became of a page: a row for each pull request, the records of those collected."""

    rows: list[LedgerRow]
    pulls: list[PullRequest]


@dataclass(frozen=True)
class Examiner:
    """The sources of one repository."""

    sources: Sources
    plan: Plan
    origin: Origin
    comments: Comments
    mirror: Mirror

    async def examine(self, listed: Sequence[Listed]) -> Examined:
        """Return what becomes of each of `listed`.

        The budget of GraphQL is the tightest: it is asked last, for what is still to be kept when
        the list, and git and the review comments side by side, have been heard.
        """
        examined = Examined([], [])
        kept = self._after_list(listed, examined)
        if not kept:
            return examined
        async with asyncio.TaskGroup() as group:
            said = group.create_task(self.comments.of(kept))
            changed = group.create_task(self.mirror.changes(kept))
        whole = self._after_changes(kept, changed.result(), examined)
        told = await self.sources.details.get([one.node_id for one, _ in whole])
        for one, changes in whole:
            self._finish(one, told[one.node_id], said.result()[one.number], changes, examined)
        return examined

    def _after_list(self, listed: Sequence[Listed], examined: Examined) -> list[Listed]:
        rules, as_of, kept = self.plan.rules, self.plan.as_of, []
        for one in listed:
            reason = filters.of_listing(one, rules, as_of)
            if reason:
                examined.rows.append(one.outcome(FILTERED, reason))
            else:
                kept.append(one)
        return kept

    def _after_changes(
        self, kept: Sequence[Listed], changed: Mapping[int, Changes | str], examined: Examined
    ) -> list[tuple[Listed, Changes]]:
        rules, is_kept, whole = self.plan.rules, self.sources.git.is_kept, []
        for one in kept:
            changes = changed[one.number]
            if isinstance(changes, str):
                examined.rows.append(one.outcome(FAILED, changes))
            elif reason := filters.of_changes(changes.files, rules, is_kept):
                examined.rows.append(one.outcome(FILTERED, reason))
            else:
                whole.append((one, changes))
        return whole

    def _finish(
        self,
        listed: Listed,
        found: Found,
        said: Sequence[ReviewComment] | None,
        changes: Changes,
        examined: Examined,
    ) -> None:
        if isinstance(found, str) or said is None:
            reason = found if isinstance(found, str) else holes.VANISHED
            examined.rows.append(listed.outcome(FAILED, reason))
            return
        examined.rows.append(listed.outcome(COLLECTED))
        examined.pulls.append(record(self.origin, listed, found, said, changes))
