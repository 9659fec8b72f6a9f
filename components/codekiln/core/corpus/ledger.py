"""The sums of a ledger: for one repository, what became of every pull request that GitHub counts.

    total      = listed + beyond + unaccounted
    listed     = collected + filtered (by rule) + failed (by reason)

They are kept in the state of the repository's entry in the data set, under STATE.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from codekiln.core.corpus.pulls import COLLECTED, FAILED, FILTERED

STATE = "ledger"
"""The key of an entry's state that holds the sums as JSON."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The ledger of one repository, or of several together.

    `total` is what GitHub says there is (open, closed and merged). `beyond` lie past the cap: they
    were counted, never looked at. `unaccounted` is what is left, 0 in a ledger that is right; below
    0 where more was listed than GitHub counts today (some were deleted since).
    """

    total: int = 0
    collected: int = 0
    filtered: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    beyond: int = 0

    @property
    def listed(self) -> int:
        """Pull requests that have a row in the ledger."""
        return self.collected + sum(self.filtered.values()) + sum(self.failed.values())

    @property
    def unaccounted(self) -> int:
        """Pull requests that GitHub counts and nothing here explains."""
        return self.total - self.listed - self.beyond

    def to_json(self) -> dict[str, Any]:
        """Return the sums as JSON, with those that follow from others written out."""
        return {
            "total": self.total,
            "listed": self.listed,
            "collected": self.collected,
            "filtered": dict(sorted(self.filtered.items())),
            "failed": dict(sorted(self.failed.items())),
            "beyond": self.beyond,
            "unaccounted": self.unaccounted,
        }


def from_json(told: Mapping[str, Any]) -> Sums:
    """Return the sums that `to_json` wrote."""
    return Sums(
        total=told["total"], collected=told["collected"], filtered=told["filtered"],
        failed=told["failed"], beyond=told["beyond"],
    )  # fmt: skip


def of_state(state: Mapping[str, Any]) -> Sums:
    """Return the sums in the state of an entry; zeros where it holds none."""
    return from_json(state[STATE]) if STATE in state else Sums()


def outcomes(sums: Sums) -> dict[tuple[str, str], int]:
    """Return how many rows each outcome and reason has."""
    counted = {(COLLECTED, ""): sums.collected}
    counted |= {(FILTERED, reason): count for reason, count in sums.filtered.items()}
    counted |= {(FAILED, reason): count for reason, count in sums.failed.items()}
    return {key: count for key, count in counted.items() if count}


def of_outcomes(counted: Mapping[tuple[str, str], int], *, total: int, beyond: int) -> Sums:
    """Return the sums of rows counted by outcome and reason."""
    return Sums(
        total=total,
        collected=counted.get((COLLECTED, ""), 0),
        filtered=_reasons(counted, FILTERED),
        failed=_reasons(counted, FAILED),
        beyond=beyond,
    )


def _reasons(counted: Mapping[tuple[str, str], int], wanted: str) -> dict[str, int]:
    return {
        reason: count
        for (outcome, reason), count in sorted(counted.items())
        if outcome == wanted and count
    }


def added(parts: Iterable[Sums]) -> Sums:
    """Return the sums of several repositories together."""
    total = beyond = 0
    counted: dict[tuple[str, str], int] = {}
    for part in parts:
        total, beyond = total + part.total, beyond + part.beyond
        for key, count in outcomes(part).items():
            counted[key] = counted.get(key, 0) + count
    return of_outcomes(counted, total=total, beyond=beyond)
