"""What asking GitHub has cost so far."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Usage:
    """Counts of one client; they only grow."""

    calls: Counter[str] = field(default_factory=Counter)
    """Requests that were sent, by kind: rest, search, graphql."""
    points: int = 0
    """Points of GraphQL's hourly budget that answers said they cost."""
    unchanged: int = 0
    """Answers 304: free of the hourly budget."""
    retries: Counter[str] = field(default_factory=Counter)
    """Requests that were sent again, by reason."""
    waited: Counter[str] = field(default_factory=Counter)
    """Whole milliseconds of waiting, by reason; waits of several requests at once add up."""

    @property
    def total(self) -> int:
        """Requests that were sent."""
        return self.calls.total()

    def waited_s(self) -> dict[str, float]:
        """Return the seconds of waiting by reason."""
        return {reason: round(ms / 1000, 1) for reason, ms in self.waited.items()}
