"""The review comments of a repository, by the cheaper of two ways.

GitHub lists them over a whole repository, newest first, a hundred a call; one walk serves page
after page of pull requests on their way down. Where few pull requests are wanted and many comments
lie between them and us, each is asked for alone instead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from codekiln.collect_pulls import pages, spool
from codekiln.collect_pulls.listing import Listed, moment
from codekiln.collect_pulls.pages import Page, Params
from codekiln.collect_pulls.spool import Spool
from codekiln.core.corpus.pulls import ReviewComment
from codekiln.core.github.client import GitHub
from codekiln.core.github.errors import GoneError

NEWEST_FIRST: Params = {"sort": "created", "direction": "desc"}

LAST_PAGE = 400
"""GitHub lists 40,000 comments of a repository, then answers 422 (github.com/singer-io/tap-github,
issue 61, for those of issues)."""


class Comments:
    """The review comments of the repository `name`; one walk, as far down as was needed so far."""

    def __init__(self, github: GitHub, name: str, kept: Spool) -> None:
        self._github, self._name, self._kept = github, name, kept
        self._pages = 0
        self._newest: datetime | None = None
        self._reached: datetime | None = None
        """All comments of this time and later are in the spool; None before the first page."""
        self._at_end = False
        self.looked_at: datetime | None = None
        """The newest change before the walk: what changed later may have comments above it."""

    async def of(self, wanted: Sequence[Listed]) -> dict[int, tuple[ReviewComment, ...] | None]:
        """Return the comments on each of `wanted`, by number, oldest first; None: it is gone."""
        late = [one for one in wanted if self._is_late(one)]
        told = {one.number: await self._alone(one.number) for one in late}
        return told | await self._on_way([one for one in wanted if one.number not in told])

    def _is_late(self, listed: Listed) -> bool:
        return self.looked_at is not None and listed.updated_at > self.looked_at

    async def _on_way(
        self, wanted: Sequence[Listed]
    ) -> dict[int, tuple[ReviewComment, ...] | None]:
        """Return the comments on `wanted` by the cheaper of the two ways."""
        if not wanted:
            return {}
        oldest = min(listed.created_at for listed in wanted)
        while not self._covers(oldest):
            if self._calls_to(oldest) > len(wanted) or self._pages == LAST_PAGE:
                return {one.number: await self._alone(one.number) for one in wanted}
            await self._go_on()
        return {listed.number: self._kept.take(listed.number) for listed in wanted}

    def _covers(self, oldest: datetime) -> bool:
        """Say whether every comment since `oldest` was seen: none is older than what it is on."""
        return self._at_end or (self._reached is not None and self._reached < oldest)

    def _calls_to(self, oldest: datetime) -> float:
        """Return the calls that the walk needs down to `oldest`, if comments stay as frequent."""
        if self._newest is None or self._reached is None:
            return 1
        span = (self._newest - self._reached).total_seconds() / self._pages
        return (self._reached - oldest).total_seconds() / span if span else 1

    async def _go_on(self) -> None:
        path = f"/repos/{self._name}/pulls/comments"
        page = await pages.page(self._github, path, NEWEST_FIRST, self._pages + 1)
        self._pages += 1
        self._at_end = page.is_last
        self._keep(page)

    def _keep(self, page: Page) -> None:
        self._kept.put(page.rows)
        times = [moment(row["created_at"]) for row in page.rows]
        self._newest = self._newest or max(times, default=None)
        self._reached = min(times, default=self._reached)

    async def _alone(self, number: int) -> tuple[ReviewComment, ...] | None:
        path = f"/repos/{self._name}/pulls/{number}/comments"
        rows: dict[int, Mapping[str, Any]] = {}
        try:
            async for page in pages.walk(self._github, path, NEWEST_FIRST):
                rows |= {row["id"]: row for row in page.rows}
        except GoneError:
            return None
        return spool.comments(list(rows.values()))
