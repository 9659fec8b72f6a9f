"""Walks GitHub's search from the most stars down, band by band, each one proven to be whole."""

import asyncio
import dataclasses
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from codekiln.core.corpus.repositories import Repository
from codekiln.core.errors import ServiceError
from codekiln.discover_repos.bands import CEILING, Band, split
from codekiln.discover_repos.described import from_rest

logger = logging.getLogger(__name__)

PATH = "/search/repositories"
PAGE = 100
"""GitHub counts a page as one request, whatever its size: ask for the largest."""
TRIES = 4
PAUSE_S = 5.0
"""Before the first repetition of an answer that is not whole; doubled before each that follows."""

Ask = Callable[[Mapping[str, str | int]], Awaitable[Mapping[str, Any]]]
"""Gets one page of PATH."""


@dataclass(frozen=True)
class Answer:
    """What a search said of one band: how many there are, and them, None if they are too many."""

    total: int
    found: tuple[Repository, ...] | None


@dataclass(frozen=True)
class Walk:
    """One search, and how far an earlier process came with it."""

    ask: Ask
    words: str
    """The query but its band: `language:Go archived:false`."""
    today: date
    known: Mapping[str, Answer] = dataclasses.field(default_factory=dict)
    """Answers by band."""

    async def answers(self, first: Band) -> AsyncIterator[tuple[Band, Answer]]:
        """Yield the answers to `first` and the bands that it must be cut into, most stars first.

        Raises ServiceError if GitHub's search does not come to an end.
        """
        waiting = [first]
        while waiting:
            band = waiting.pop()
            answer = self.known.get(str(band)) or await self._answer(band)
            if answer.found is None:
                waiting += reversed(split(band, answer.total, self.today))
            yield band, answer

    async def _answer(self, band: Band) -> Answer:
        """Ask for a band until it has shown as many as it counts, or as often as is sensible."""
        found: dict[str, Repository] = {}
        total = 0
        for turn in range(TRIES):
            await _pause(turn)
            told = await self._look(band, found)
            if told is None:
                return Answer(total, None)
            total = told
            if len(found) >= min(total, CEILING):
                return Answer(total, tuple(found.values()))
        # Repositories gain stars and go while we page: that few are missing is no fault of ours.
        logger.warning("search told of %d for %s, and showed %d", total, band, len(found))
        return Answer(total, tuple(found.values()))

    async def _look(self, band: Band, found: dict[str, Repository]) -> int | None:
        """Add every repository of a band to `found`; returns how many GitHub says there are.

        None where it is to be cut: it holds too many, or GitHub stops before its end each time.
        """
        page, pages, total = 1, 1, 0
        while page <= pages:
            told = await self._page(band, page)
            total, stopped = int(told["total_count"]), bool(told["incomplete_results"])
            most = PAGE if stopped else CEILING
            if total > most and split(band, total, self.today):
                return None
            if stopped:
                raise ServiceError(
                    f"GitHub's search gave up on {band} {TRIES} times; run again later: what it "
                    "has answered is kept"
                )
            found |= {one.node_id: one for one in map(from_rest, told["items"])}
            pages = math.ceil(min(total, CEILING) / PAGE)
            page += 1
        return total

    async def _page(self, band: Band, page: int) -> Mapping[str, Any]:
        """Return a page of a band; where GitHub stops before its end each time, the last try."""
        told: Mapping[str, Any] = {}
        asked: Mapping[str, str | int] = {
            "q": f"{self.words} {band}".strip(),
            "sort": "stars",
            "order": "desc",
            "per_page": PAGE,
            "page": page,
        }
        for turn in range(TRIES):
            await _pause(turn)
            told = await self.ask(asked)
            if not told["incomplete_results"]:
                break
        return told


async def _pause(turn: int) -> None:
    """Wait before all turns but the first, each time twice as long."""
    if turn:
        await asyncio.sleep(PAUSE_S * 2 ** (turn - 1))
