"""Letting requests out one by one, as the limits allow; nobody sleeps without a word why.

First come, first served within each kind; the kinds (REST, search, GraphQL) do not wait for each
other unless they share a limit.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from math import inf

from codekiln.core.github.purse import BUCKET_OF, Purse
from codekiln.core.github.usage import Usage
from codekiln.core.github.waits import Wait, in_words

logger = logging.getLogger(__name__)

WORTH_A_LINE_S = 5.0
STEADY_EVERY_S = 600.0
"""Between two lines about the same part of an even pace."""


@dataclass(slots=True, eq=False)
class Ticket:
    """The right to send one request with one credential."""

    purse: Purse
    kind: str
    cost: int
    sent: float
    took_s: float | None = None
    """How long GitHub took to begin its answer; the sender writes it."""


class Governor:
    """The only place where requests wait for their turn."""

    def __init__(self, purses: Sequence[Purse], usage: Usage) -> None:
        self._purses = purses
        self.usage = usage
        self._lanes = {kind: asyncio.Lock() for kind in BUCKET_OF}
        self._heads: dict[str, int] = {}
        """The cost of the first of each lane that waits; who has waited longest comes first."""
        self._changed = asyncio.Event()
        self._said: dict[str, tuple[float, float]] = {}
        """When each reason was told last, and until when the wait was to last."""

    @contextlib.asynccontextmanager
    async def admitted(self, kind: str, cost: int) -> AsyncIterator[Ticket]:
        """Wait until a request may go out; however it ends, it is counted out."""
        async with self._lanes[kind]:
            ticket = await self._first(kind, cost)
        try:
            yield ticket
        finally:
            now = _now()
            took_s = now - ticket.sent if ticket.took_s is None else ticket.took_s
            ticket.purse.settle(now, kind, cost, took_s)
            self._changed.set()

    async def pause(self, seconds: float, reason: str, detail: str) -> None:
        """Sleep before another try, and say so."""
        wait = Wait(seconds, reason, detail)
        self._say(wait)
        await asyncio.sleep(seconds)
        self._count(wait, seconds)

    async def _first(self, kind: str, cost: int) -> Ticket:
        """Wait as the first of a lane."""
        self._heads[kind] = cost
        try:
            return await self._admit(kind, cost)
        finally:
            del self._heads[kind]
            self._changed.set()

    async def _admit(self, kind: str, cost: int) -> Ticket:
        said = ""
        while True:
            now = _now()
            purse, wait = self._best(now, kind, cost)
            if wait is None:
                purse.send(now, kind, cost)
                return Ticket(purse, kind, cost, now)
            if wait.reason != said:
                self._say(wait)
                said = wait.reason
            await self._sit_out(wait)
            self._count(wait, _now() - now)

    def _best(self, now: float, kind: str, cost: int) -> tuple[Purse, Wait | None]:
        """Return the purse that may send, the fullest of them, or the first that will."""
        # A dict keeps the order in which the heads came.
        older = dict(itertools.takewhile(lambda head: head[0] != kind, self._heads.items()))
        waits = [(purse, purse.wait(now, kind, cost, older)) for purse in self._purses]
        ready = [purse for purse, wait in waits if wait is None]
        if ready:
            return max(ready, key=lambda purse: purse.buckets[BUCKET_OF[kind]].fullness()), None
        return min(waits, key=lambda both: both[1].seconds if both[1] else 0.0)

    async def _sit_out(self, wait: Wait) -> None:
        """Sleep until `wait` is over, or until some answer may have changed it."""
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            # No shorter than a clock can tell.
            async with asyncio.timeout(max(wait.seconds, 0.001) if wait.known else None):
                await self._changed.wait()

    def _count(self, wait: Wait, seconds: float) -> None:
        self.usage.waited[wait.reason] += round(1000 * seconds)

    def _say(self, wait: Wait) -> None:
        """Log a wait of some length: each stop once, but of an even pace a line now and then."""
        now = _now()
        if not WORTH_A_LINE_S <= wait.seconds < inf:
            return
        last, until = self._said.get(wait.reason, (-inf, -inf))
        if abs(now + wait.seconds - until) < 1.0 or (wait.steady and now - last < STEADY_EVERY_S):
            return
        self._said[wait.reason] = (now, now + wait.seconds)
        detail = f" ({wait.detail})" if wait.detail else ""
        logger.info("GitHub: waiting %s: %s%s", in_words(wait.seconds), wait.reason, detail)


def _now() -> float:
    return asyncio.get_running_loop().time()
