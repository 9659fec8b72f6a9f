"""The limits of the last minute (secondary) of one token.

Pure: every method is told the time. GitHub tells these limits in its documentation only.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from math import inf

from codekiln.core.github.limits import Limits
from codekiln.core.github.waits import MINUTE, Wait

SPAN_S = MINUTE + 0.5
"""GitHub's minute may begin a little later than ours: not every request takes as long to arrive."""

WEIGHT = 0.2
"""Of the newest response time in the running mean; of the first ones, an even share."""

FIRST_GUESS_S = {"rest": 0.5, "search": 0.8, "graphql": 1.5}
"""Response times before any was measured."""

CATCH_UP_S = 15.0
"""So much of an even pace that was not used may be used later."""

RECOVERY_S = 20 * MINUTE
"""From nothing to the full limits after GitHub complained."""

LEAST = 0.1
"""Of the limits is used however often GitHub complained."""


@dataclass(slots=True)
class Window:
    """What was spent in the last minute."""

    spent: deque[tuple[float, float]] = field(default_factory=deque)
    total: float = 0.0

    def add(self, now: float, amount: float) -> None:
        """Count `amount` at `now`; times never fall."""
        self.spent.append((now, amount))
        self.total += amount

    def wait(self, now: float, amount: float, cap: float, ahead: float = 0.0) -> float:
        """Return the seconds until `amount` more stays within `cap`; inf if only answers help.

        The amount is spent so many seconds `ahead` of whenever it may be.
        """
        self._forget(now)
        over = self.total + amount - cap
        if over <= 1e-9:
            return 0.0
        for at, was in self.spent:
            over -= was
            if over <= 1e-9:
                return max(0.0, at + SPAN_S - ahead - now)
        return inf

    def _forget(self, now: float) -> None:
        while self.spent and self.spent[0][0] + SPAN_S <= now:
            self.total -= self.spent.popleft()[1]
        if not self.spent:
            self.total = 0.0


@dataclass(slots=True)
class LastMinute:
    """Concurrency, points and processor time of one token."""

    limits: Limits
    """The part of this collector."""
    under_way: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIRST_GUESS_S, 0))
    measured: Counter[str] = field(default_factory=Counter)
    """Response times, by kind."""
    mean_s: dict[str, float] = field(default_factory=FIRST_GUESS_S.copy)
    points: dict[str, Window] = field(default_factory=lambda: _windows("rest", "graphql"))
    cpu: dict[str, Window] = field(default_factory=lambda: _windows("all", "graphql"))
    due: dict[str, float] = field(default_factory=lambda: {"all": -inf, "graphql": -inf})
    """When an even pace of processor time lets the next request out."""
    _eased: float = 1.0
    _eased_at: float = -inf

    def own_wait(self, now: float, kind: str) -> Wait | None:
        """Return why requests of `kind` cannot go out at `now`, whatever the others do."""
        share = self.share(now)
        points = self._points_wait(now, kind, share)
        if points > 0:
            return Wait(points, "points a minute", steady=True)
        cap = self.limits.graphql_cpu_s_per_minute * share
        return self._cpu_wait(now, kind, "graphql", cap) if kind == "graphql" else None

    def shared_wait(self, now: float, kind: str) -> Wait | None:
        """Return why a request of `kind` cannot go out at `now` for the limits that all share."""
        share = self.share(now)
        if sum(self.under_way.values()) >= max(1, int(self.limits.concurrent * share)):
            return Wait(inf, "concurrency", steady=True)
        return self._cpu_wait(now, kind, "all", self.limits.cpu_s_per_minute * share)

    def send(self, now: float, kind: str) -> None:
        """Count a request that goes out."""
        self.under_way[kind] += 1
        self.points[family(kind)].add(now, 1.0)
        pace = self.mean_s[kind] * MINUTE / self.share(now)
        late = now - CATCH_UP_S
        self.due["all"] = max(self.due["all"], late) + pace / self.limits.cpu_s_per_minute
        if kind == "graphql":
            gap = pace / self.limits.graphql_cpu_s_per_minute
            self.due["graphql"] = max(self.due["graphql"], late) + gap

    def settle(self, now: float, kind: str, took_s: float) -> None:
        """Count a request out whose answer took so long."""
        self.under_way[kind] -= 1
        self.cpu["all"].add(now, took_s)
        if kind == "graphql":
            self.cpu["graphql"].add(now, took_s)
        self.measured[kind] += 1
        weight = max(WEIGHT, 1.0 / self.measured[kind])
        self.mean_s[kind] += weight * (took_s - self.mean_s[kind])

    def share(self, now: float) -> float:
        """Return the share of the limits that is used now: the margin, less after a complaint."""
        recovered = self._eased + max(0.0, now - self._eased_at) / RECOVERY_S
        return self.limits.margin * min(1.0, recovered)

    def ease(self, now: float) -> None:
        """Use half as much from now on, and more again slowly."""
        self._eased = max(LEAST, self.share(now) / self.limits.margin / 2)
        self._eased_at = now

    def _points_wait(self, now: float, kind: str, share: float) -> float:
        limits = self.limits
        of = {"rest": limits.rest_points_per_minute, "graphql": limits.graphql_points_per_minute}
        return self.points[family(kind)].wait(now, 1.0, max(1.0, of[family(kind)] * share))

    def _cpu_wait(self, now: float, kind: str, part: str, cap: float) -> Wait | None:
        others = self.under_way if part == "all" else {kind: self.under_way[kind]}
        busy = sum(count * self.mean_s[one] for one, count in others.items())
        # One request may always go, if only by itself: a slow one is no reason never to ask.
        amount = busy + self.mean_s[kind] if busy else min(self.mean_s[kind], cap)
        # GitHub knows what a request took when it ends; by then, older ones are forgotten.
        wait = self.cpu[part].wait(now, amount, cap, ahead=self.mean_s[kind])
        if self.cpu[part].total + busy > cap / 2:
            # Once half is used, evenly: not a crowd each minute, and silence after it.
            wait = max(wait, self.due[part] - now)
        return Wait(wait, "processor time", steady=True) if wait > 0 else None


def family(kind: str) -> str:
    """Return which limits requests of `kind` count against: searches are REST."""
    return "graphql" if kind == "graphql" else "rest"


def _windows(*names: str) -> dict[str, Window]:
    return {name: Window() for name in names}
