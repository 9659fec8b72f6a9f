"""Why a request has to wait, and for how long."""

from dataclasses import dataclass
from math import inf

MINUTE = 60.0
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Wait:
    """One reason not to send yet."""

    seconds: float
    """At most so long; infinite: until some answer comes."""
    reason: str
    """A few words, the same for all waits of the kind: they are counted by it."""
    detail: str = ""
    """What a log line adds."""

    steady: bool = False
    """Part of an even pace, not a stop: worth a line in a log now and then only."""

    @property
    def known(self) -> bool:
        """It ends by the clock, not only by an answer."""
        return self.seconds < inf


def pause_s(told: float | None, strikes: int) -> float:
    """Return how long to stop after `strikes` refusals in a row, the last with Retry-After `told`.

    As GitHub asks: so long as it says; else a minute at least, then twice as long each time.
    """
    doubled = MINUTE * 2.0 ** min(strikes - 1, 10)
    if told is None:
        return min(doubled, HOUR)
    # A server that goes on refusing after its own Retry-After has not said enough.
    return min(max(told, 1.0, doubled / 2 if strikes > 1 else 0.0), HOUR)


@dataclass(slots=True)
class Strikes:
    """How often in a row GitHub said to stop."""

    count: int = 0
    since: float = -inf
    """When it said so last."""

    def strike(self, now: float, sent: float) -> bool:
        """Count a refusal of what was `sent` then; say whether it is a new one.

        Whatever was already under way when we were told to stop is one refusal with that.
        """
        is_new = sent >= self.since
        if is_new:
            self.count += 1
            self.since = now
        return is_new

    def forgive(self, sent: float) -> None:
        """Begin anew: what was `sent` then was answered."""
        if sent >= self.since:
            self.count = 0


def in_words(seconds: float) -> str:
    """Say `seconds` as a person would: 40 s, 12 min, 2.5 h."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
