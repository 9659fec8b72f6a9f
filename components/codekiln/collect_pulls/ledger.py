"""Keeping the sums of a ledger right while its rows are put in the place of others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codekiln.collect_pulls.filters import LISTING
from codekiln.collect_pulls.forks import REPOSITORY_GONE, UNREADABLE
from codekiln.collect_pulls.holes import TOO_HEAVY, UNANSWERED
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.pulls import FAILED, FILTERED, LedgerRow

PASSING = frozenset({UNANSWERED, TOO_HEAVY, REPOSITORY_GONE, UNREADABLE})
"""Reasons of failures that another run may not meet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds of a pull request, as far as it is needed to judge a newer row."""

    outcome: str
    reason: str
    updated_at: datetime
    merged_at: datetime | None
    head_sha: str
    state: str

    def row(self, number: int, outcome: str, reason: str) -> LedgerRow:
        """Return the row of the same pull request with another outcome."""
        return LedgerRow(
            number=number, state=self.state, outcome=outcome, reason=reason,
            updated_at=self.updated_at, merged_at=self.merged_at, head_sha=self.head_sha,
        )  # fmt: skip

    def is_like(self, listed: Listed) -> bool:
        """Say whether nothing has changed since."""
        return (self.updated_at, self.head_sha, self.state) == (
            listed.updated_at, listed.head_sha, listed.state,
        )  # fmt: skip


COLUMNS = ("number", "outcome", "reason", "updated_at", "merged_at", "head_sha", "state")
"""Of the table `ledger`, what Known needs."""


def known(row: Mapping[str, Any]) -> Known:
    """Read one row of the ledger, at least COLUMNS of it."""
    return Known(**{name: row[name] for name in COLUMNS[1:]})


def of_row(row: LedgerRow) -> Known:
    """Return what is known once `row` is written."""
    return known({name: getattr(row, name) for name in COLUMNS})


def passes(outcome: str, reason: str) -> bool:
    """Say whether a row with this outcome passed the filters that the cap counts by."""
    return outcome != FILTERED or reason not in LISTING


def replaced(sums: Sums, before: Mapping[int, Known], rows: Iterable[LedgerRow]) -> Sums:
    """Return `sums` after `rows` took the places of `before`, by number."""
    counted = Counter(ledger.outcomes(sums))
    for row in rows:
        old = before.get(row.number)
        if old:
            counted[old.outcome, old.reason] -= 1
        counted[row.outcome, row.reason] += 1
    return ledger.of_outcomes(counted, total=sums.total, beyond=sums.beyond)


def growth(before: Mapping[int, Known], rows: Sequence[LedgerRow]) -> tuple[int, int]:
    """Return how many of `rows` are new, and how many more of them pass than passed before."""
    new = sum(row.number not in before for row in rows)
    now = sum(passes(row.outcome, row.reason) for row in rows)
    old = (before.get(row.number) for row in rows)
    return new, now - sum(passes(one.outcome, one.reason) for one in old if one)


def to_retry(held: Sequence[int], rows: Iterable[LedgerRow]) -> tuple[int, ...]:
    """Return the numbers that the next run tries again, after `rows` were written."""
    again = {*held}
    for row in rows:
        if row.outcome == FAILED and row.reason in PASSING:
            again.add(row.number)
        else:
            again.discard(row.number)
    return tuple(sorted(again, reverse=True))
