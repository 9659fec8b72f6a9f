"""How long one request is tried again. Pure.

A request that keeps failing while GitHub answers others is given up after some tries; while GitHub
answers nobody, patience lasts longer, for then the next request would fare no better.
"""

import zlib
from collections import Counter
from dataclasses import dataclass, field

from codekiln.core.github.limits import Limits
from codekiln.core.github.waits import MINUTE, in_words

UNREACHED_TRIES = 5
"""Attempts to reach an address that has never answered: it may be mistyped."""

HEAVY_S = 8.0
"""A query that ran so long was stopped for its time: GitHub allows ten seconds."""

SLOW_TRIES = 2
"""A query that was stopped twice is too heavy; each time-out costs extra points."""

HEAVY_TRIES = 5
"""One that failed sooner may have met an accident of a gateway's: it gets more tries."""


@dataclass(slots=True)
class Trouble:
    """What went wrong with one request so far."""

    what: str
    limits: Limits
    seen: Counter[str] = field(default_factory=Counter)
    answered_before: int = -1
    """Good answers to others when this began to fail."""
    tries: int = 0
    """Accidents; a limit is none."""
    waited_s: float = 0.0
    heavy: int = 0
    """Accidents that may mean that the query takes too long."""
    slow: int = 0
    """Those of them that took as long as GitHub lets a query run."""

    def accident(self, reason: str, after: float = 0.0) -> float:
        """Count an accident; return how long to wait for the next try: 1, 2, 4, ... 60 seconds."""
        self.tries += 1
        self.seen[reason] += 1
        # Spread over half of the pause, so that many do not come back as one.
        spread = zlib.crc32(f"{self.what} {self.tries}".encode()) / 2**32
        doubled = 2.0 ** min(self.tries - 1, 10)
        return max(after, min(MINUTE, doubled) * (0.75 + spread / 2))

    def limited(self, reason: str) -> None:
        """Count a refusal, after which everything stops for a while."""
        self.seen[reason] += 1

    def endures(self, pause: float, *, others: bool, reached: bool) -> bool:
        """Say whether to try again after `pause`, and count that; else it is time to give up.

        `others` were answered meanwhile; GitHub was ever `reached`.
        """
        hopeless = others and self.tries >= self.limits.tries
        hopeless = hopeless or (not reached and self.tries >= UNREACHED_TRIES)
        if hopeless or self.waited_s + pause > self.limits.patience_s:
            return False
        self.waited_s += pause
        return True

    def weighed(self, took_s: float) -> bool:
        """Count an accident after `took_s` of a query; say whether it may be too heavy."""
        self.heavy += 1
        self.slow += took_s >= HEAVY_S
        return self.slow >= SLOW_TRIES or self.heavy >= HEAVY_TRIES

    @property
    def is_lasting(self) -> bool:
        """It was tried so often, and fast enough, that what is missing will not come now."""
        return self.heavy >= HEAVY_TRIES - 1 and not self.slow

    def in_words(self) -> str:
        """Say what was seen: 7 x status 502, 2 x connection reset in 12 min."""
        seen = ", ".join(f"{count} x {reason}" for reason, count in self.seen.most_common())
        return f"{seen} in {in_words(self.waited_s)}"
