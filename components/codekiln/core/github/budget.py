"""One hourly (primary) budget of one token: core, graphql; search has one a minute.

Pure: every method is told the time. The answers' headers are the truth; between two answers, what
is under way counts as spent. Others may use the same token, so what remains may fall by itself.
"""

from dataclasses import dataclass, field
from math import inf

from codekiln.core.github.limits import Limits
from codekiln.core.github.rate_headers import Told
from codekiln.core.github.waits import HOUR, MINUTE, Strikes, Wait, in_words, pause_s

SPOKEN = {"core": "REST", "graphql": "GraphQL", "search": "search"}
"""GitHub's names of the budgets, and what people call them."""

SAME_WINDOW_S = 2
"""GitHub's servers tell the end of one window with a second of difference."""

SMALL_BUDGET = 500
"""So many requests may go out at once in any case: a small job is done before pacing matters."""


@dataclass(slots=True)
class Bucket:
    """What is left of one budget, and when the next request may go out."""

    name: str
    limits: Limits
    share: int = 1
    """How many collectors spread their requests over the same budget."""
    told: Told | None = None
    """The newest word on the present window; None: nothing is known."""
    ends: float = 0.0
    """When the present window ends."""
    under_way: int = 0
    """Requests that have no answer yet."""
    promised: int = 0
    """What those may cost."""
    on_trial: bool = True
    """Nothing is known, or we were refused: one request goes ahead, the others wait for it."""
    doubted: float = -inf
    """Since when; what was sent before proves nothing."""
    blocked_until: float = -inf
    strikes: Strikes = field(default_factory=Strikes)
    last: float = -inf
    """When the newest request went out."""

    @property
    def period_s(self) -> float:
        """Length of its window."""
        return MINUTE if self.name == "search" else HOUR

    def wait(self, now: float, cost: int) -> Wait | None:
        """Return why a request of `cost` cannot go out at `now`; None if it can."""
        if now < self.blocked_until:
            return Wait(
                self.blocked_until - now, f"{SPOKEN[self.name]} budget", "GitHub says it is spent"
            )
        self._roll_over(now)
        if self.on_trial:
            return Wait(inf, "first answer", steady=True) if self.under_way else None
        if self.told is None:
            return None
        return self._spent(now, cost) or self._paced(now, cost)

    def send(self, now: float, cost: int) -> None:
        """Count a request that goes out."""
        self.under_way += 1
        self.promised += cost
        self.last = now

    def settle(self, cost: int) -> None:
        """Count a request out that had been sent with `cost`, however it ended."""
        self.under_way -= 1
        self.promised -= cost

    def learn(self, told: Told, now: float) -> None:
        """Take what an answer says; the newest wins, in one window the least."""
        before = self.told
        if before and abs(before.reset - told.reset) <= SAME_WINDOW_S and now < self.ends:
            # Answers arrive in another order than they were made in.
            told = min(before, told, key=lambda one: one.remaining)
        else:
            self.ends = now + told.reset_in
        self.told = told

    def trust(self, sent: float) -> None:
        """Believe that GitHub answers, as it did to what was `sent` then: nobody waits for that."""
        self.on_trial = self.on_trial and sent < self.doubted
        self.strikes.forgive(sent)

    def doubt(self, now: float) -> None:
        """Let one request go ahead of all others, as soon as any may go."""
        self.on_trial = True
        self.doubted = now

    def refuse(self, now: float, sent: float, told_s: float | None) -> float:
        """Stop, for `told_s` if GitHub said so: the budget is spent; return for how long."""
        self.strikes.strike(now, sent)
        self.blocked_until = max(self.blocked_until, now + pause_s(told_s, self.strikes.count))
        self.doubt(now)
        self.told = None
        return self.blocked_until - now

    def free(self) -> int | None:
        """Return how much may be spent before the window ends; None if unknown."""
        if self.told is None:
            return None
        # Who shares the budget has about as much under way as we have.
        promised = self.promised * self.share
        return max(0, self.told.remaining - promised - self._reserve(self.told))

    def fullness(self) -> float:
        """Return the share of the budget that is left; 1 if nothing is known."""
        free = self.free()
        return 1.0 if free is None or self.told is None else free / self.told.limit

    def _reserve(self, told: Told) -> int:
        return int(told.limit * self.limits.reserve)

    def _roll_over(self, now: float) -> None:
        if self.told is not None and now >= self.ends:
            self.told = None
            self.on_trial = True

    def _spent(self, now: float, cost: int) -> Wait | None:
        told, free = self.told, self.free()
        if told is None or free is None or free >= min(cost, told.limit - self._reserve(told)):
            return None
        seen = f"{told.remaining:,} of {told.limit:,} left, {self.promised:,} under way"
        return Wait(self.ends - now, f"{SPOKEN[self.name]} budget", seen)

    def _paced(self, now: float, cost: int) -> Wait | None:
        """Spread what is left over the rest of the window, once the burst is used up."""
        told, free, left = self.told, self.free(), self.ends - now
        if told is None or free is None or free >= self._line(told, left):
            return None
        due = self.last + cost * self.share * left / max(free, 1)
        pace = f"{free:,} for {in_words(left)}"
        return (
            Wait(due - now, f"{SPOKEN[self.name]} pace", pace, steady=True) if due > now else None
        )

    def _line(self, told: Told, left: float) -> float:
        """Return what an even pace would still have, less the burst."""
        burst = told.limit * self.limits.burst
        if self.name != "search":
            burst = max(burst, SMALL_BUDGET / self.share)
        return told.limit * min(1.0, left / self.period_s) - burst
