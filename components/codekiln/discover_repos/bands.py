"""Cuts a search that has too many results into bands of stars, then of days, that have few enough.

GitHub's search shows the first thousand results of a query and no more. Bands are asked for from
the most stars downwards, so a search may end as soon as enough was found.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

CEILING = 1000
"""Results that one query shows (docs.github.com/rest/search: `About search`)."""
WANTED = 700
"""Results that a band is cut for: room for a guess that is a third too low."""
FIRST_DAY = date(2007, 10, 1)
"""GitHub holds no repository that is older."""


@dataclass(frozen=True, slots=True)
class Band:
    """Stars from `low` up to and with `high` (None: no bound), created in `since` to `until`."""

    low: int
    high: int | None = None
    since: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        """Return the band as a search writes it."""
        stars = f"stars:{self.low}..{'*' if self.high is None else self.high}"
        if self.since is None or self.until is None:
            return stars
        return f"{stars} created:{self.since.isoformat()}..{self.until.isoformat()}"


def split(band: Band, total: int, today: date) -> list[Band]:
    """Cut a band with `total` results in two, most stars first; empty if it cannot be cut."""
    if band.high is None or band.high > band.low:
        return _by_stars(band, total)
    return _by_days(band, today)


def _by_stars(band: Band, total: int) -> list[Band]:
    """Cut off the upper end of `band`, so that about WANTED results are in it.

    How many repositories have s stars falls about as 1 / s^2, so those with s or more as 1 / s.
    """
    above = 0.0 if band.high is None else 1 / (band.high + 1)
    below = 1 / max(band.low, 1)
    share = min(WANTED / max(total, 1), 0.5)
    middle = round(1 / (above + share * (below - above)))
    highest = middle if band.high is None else band.high
    middle = min(max(middle, band.low + 1), max(highest, band.low + 1))
    return [replace(band, low=middle), replace(band, high=middle - 1)]


def _by_days(band: Band, today: date) -> list[Band]:
    since, until = band.since or FIRST_DAY, band.until or today
    if since >= until:
        return []
    middle = since + (until - since) // 2
    return [
        replace(band, since=since, until=middle),
        replace(band, since=middle + timedelta(days=1), until=until),
    ]


STARS = re.compile(r"stars:(\d+)\.\.(\d+|\*)(?: created:([\d-]+)\.\.([\d-]+))?")


def parse(text: str) -> Band:
    """Read what str(band) wrote."""
    found = STARS.fullmatch(text)
    if not found:
        raise ValueError(text)
    low, high, since, until = found.groups()
    return Band(
        int(low),
        None if high == "*" else int(high),
        date.fromisoformat(since) if since else None,
        date.fromisoformat(until) if until else None,
    )
