"""All limits of one credential: hourly budgets, the last minute, and pauses GitHub asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from codekiln.core.github.budget import Bucket
from codekiln.core.github.credential import Credential
from codekiln.core.github.limits import Limits
from codekiln.core.github.minute import LastMinute
from codekiln.core.github.rate_headers import Told
from codekiln.core.github.waits import Strikes, Wait, pause_s

BUCKET_OF = {"rest": "core", "search": "search", "graphql": "graphql"}
"""GitHub's name for the budget of each kind of request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """GitHub said to stop."""

    primary: bool
    """The hourly budget is spent; else a secondary limit."""
    seconds: float | None
    """What it said how long; None: nothing."""
    message: str


@dataclass(slots=True)
class Purse:
    """What one credential may still do. Pure: every method is told the time."""

    credential: Credential
    limits: Limits
    share: int = 1
    minute: LastMinute = field(init=False)
    buckets: dict[str, Bucket] = field(init=False)
    paused_until: float = -inf
    strikes: Strikes = field(default_factory=Strikes)
    """Of secondary limits."""

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.minute = LastMinute(self.limits)
        names = BUCKET_OF.values()
        self.buckets = {name: Bucket(name, self.limits, self.share) for name in names}

    def wait(
        self, now: float, kind: str, cost: int, older: Mapping[str, int] | None = None
    ) -> Wait | None:
        """Return why a request cannot go out at `now`; None if it can.

        `older` are other kinds, with a cost each, that have waited longer: where only a limit that
        all share holds one of them back, it goes first.
        """
        wait = self._own_wait(now, kind, cost) or self.minute.shared_wait(now, kind)
        if wait is None and any(self._is_next(now, *one) for one in (older or {}).items()):
            return Wait(inf, "another's turn", steady=True)
        return wait

    def _is_next(self, now: float, kind: str, cost: int) -> bool:
        """Say whether only the limits that all share hold a request back."""
        if self._own_wait(now, kind, cost):
            return False
        return self.minute.shared_wait(now, kind) is not None

    def _own_wait(self, now: float, kind: str, cost: int) -> Wait | None:
        if now < self.paused_until:
            return Wait(self.paused_until - now, "secondary limit", "GitHub asked to pause")
        bucket = self.buckets[BUCKET_OF[kind]]
        return bucket.wait(now, cost) or self.minute.own_wait(now, kind)

    def send(self, now: float, kind: str, cost: int) -> None:
        """Count a request that goes out."""
        self.buckets[BUCKET_OF[kind]].send(now, cost)
        self.minute.send(now, kind)

    def settle(self, now: float, kind: str, cost: int, took_s: float) -> None:
        """Count a request out, however it ended."""
        self.buckets[BUCKET_OF[kind]].settle(cost)
        self.minute.settle(now, kind, took_s)

    def learn(self, told: Told | None, kind: str, now: float) -> None:
        """Take what the headers of any answer say; a budget we do not use is of no interest."""
        bucket = self.buckets.get(told.resource or BUCKET_OF[kind]) if told else None
        if told and bucket:
            bucket.learn(told, now)

    def trust(self, kind: str, sent: float) -> None:
        """Believe that GitHub answers: it did, to a request that was sent at `sent`."""
        self.buckets[BUCKET_OF[kind]].trust(sent)
        self.strikes.forgive(sent)

    def refuse(self, refusal: Refusal, kind: str, now: float, sent: float) -> float:
        """Stop as GitHub said to a request sent at `sent`; return for how many seconds."""
        if refusal.primary:
            return self.buckets[BUCKET_OF[kind]].refuse(now, sent, refusal.seconds)
        if self.strikes.strike(now, sent):
            self.minute.ease(now)
        seconds = pause_s(refusal.seconds, self.strikes.count)
        for bucket in self.buckets.values():
            bucket.doubt(now)
        self.paused_until = max(self.paused_until, now + seconds)
        return self.paused_until - now
