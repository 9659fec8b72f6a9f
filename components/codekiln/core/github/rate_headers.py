"""What an answer's headers say of budgets and waiting; nonsense in them counts as silence.

Moments are turned into seconds from now by the answer's own Date, so that no clock of ours matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

LONGEST_S = 3660.0
"""GitHub's longest window is an hour; whatever names a later moment is mistaken."""

DIGITS = 12
"""No honest number here is longer."""


@dataclass(frozen=True, slots=True)
class Told:
    """The x-ratelimit-* headers of one answer."""

    resource: str
    """core, search, graphql, ...: which budget."""
    limit: int
    remaining: int
    reset: int
    """When the window ends, in seconds since 1970, by GitHub's clock."""
    reset_in: float
    """Seconds from the answer to then."""


def told(headers: Mapping[str, str]) -> Told | None:
    """Read the budget from `headers`; None if they tell none that can be believed."""
    limit = _whole(headers.get("x-ratelimit-limit", ""))
    remaining = _whole(headers.get("x-ratelimit-remaining", ""))
    reset = _whole(headers.get("x-ratelimit-reset", ""))
    date = _moment(headers.get("date", ""))
    if limit is None or remaining is None or reset is None or date is None or limit == 0:
        return None
    if not 0 <= reset - date <= LONGEST_S:
        return None
    resource = headers.get("x-ratelimit-resource", "")
    # Both moments are whole seconds: the window may end almost a second later.
    return Told(resource, limit, min(remaining, limit), reset, reset - date + 1.0)


def says_spent(headers: Mapping[str, str]) -> bool:
    """Say whether the budget is told to be used up, even if nothing else is told well."""
    return _whole(headers.get("x-ratelimit-remaining", "")) == 0


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After (a number or a date), at most an hour; None without it."""
    text = headers.get("retry-after", "")
    seconds: float | None = _whole(text)
    if seconds is None:
        until, date = _moment(text), _moment(headers.get("date", ""))
        seconds = until - date if until is not None and date is not None else None
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_S)


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
