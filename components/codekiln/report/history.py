"""The history at a glance: who, when, where, counted from the mined commits."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codekiln.core.corpus import commits

COLUMNS = (
    "author_name", "author_email", "committer_time", "work_hour", "day_of_week", "insertions",
    "deletions", "files_changed", "is_merge", "is_high_risk", "units",
)  # fmt: skip
TOP = 12
TOP_LEVEL = "(top level)"
DAYS_A_YEAR = 365.25
YEAR_10000_S = 253_402_300_800
YEARS_BY_MONTH = 5
"""Up to so many years activity is told by month, up to four times as many by quarter."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A name and how many commits (or changed files) it has."""

    name: str
    count: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Counts over all mined commits; times are by committers, hours and days by authors."""

    commits: int
    merges: int
    high_risk: int
    authors: int
    insertions: int
    deletions: int
    files_changed: int
    first: str
    last: str
    years: float
    activity: list[Share]
    """Commits by month, quarter or year, none left out."""
    top_authors: list[Share]
    top_units: list[Share]
    """Changed files by top-level unit."""
    week: list[list[int]]
    """Commits by day (Monday first) and hour (0 to 23), in the author's zone."""


class _Tally:
    """Sums that one pass over the commits fills."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.emails: set[str] = set()
        self.by_author: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.week = [[0] * 24 for _ in range(7)]
        self.times: list[int] = []

    def add(self, row: Mapping[str, Any]) -> None:
        for name in ("insertions", "deletions", "files_changed", "is_merge", "is_high_risk"):
            self.sums[name] += int(row[name])
        self.emails.add(row["author_email"].lower())
        # One person has several addresses more often than two persons have one name.
        self.by_author[row["author_name"]] += 1
        for unit in row["units"]:
            self.units[TOP_LEVEL if unit["name"] == "." else unit["name"]] += unit["files"]
        self.week[row["day_of_week"] % 7][row["work_hour"] % 24] += 1
        if 0 < row["committer_time"] < YEAR_10000_S:
            self.times.append(row["committer_time"])


def read(folder: Path) -> History:
    """Count the commits of `folder`; raises InputError if it holds none."""
    return counted(commits.rows(folder, COLUMNS))


def counted(rows: Iterable[Mapping[str, Any]]) -> History:
    """Count `rows`, which have the COLUMNS."""
    tally, total = _Tally(), 0
    for row in rows:
        tally.add(row)
        total += 1
    times = [datetime.fromtimestamp(t, UTC) for t in sorted(tally.times)]
    return History(
        commits=total,
        merges=tally.sums["is_merge"],
        high_risk=tally.sums["is_high_risk"],
        authors=len(tally.emails),
        insertions=tally.sums["insertions"],
        deletions=tally.sums["deletions"],
        files_changed=tally.sums["files_changed"],
        first=times[0].date().isoformat() if times else "",
        last=times[-1].date().isoformat() if times else "",
        years=(times[-1] - times[0]).days / DAYS_A_YEAR if times else 0.0,
        activity=activity(times),
        top_authors=top(tally.by_author),
        top_units=top(tally.units),
        week=tally.week,
    )


def top(counts: Counter[str]) -> list[Share]:
    """Return the largest of `counts`."""
    return [Share(name=name, count=count) for name, count in counts.most_common(TOP)]


def activity(times: list[datetime]) -> list[Share]:
    """Count sorted `times` by month, quarter or year, by how long they span."""
    if not times:
        return []
    span = (times[-1] - times[0]).days / 365.25
    months = 1 if span <= YEARS_BY_MONTH else 3 if span <= 4 * YEARS_BY_MONTH else 12
    counts = Counter((time.year * 12 + time.month - 1) // months for time in times)
    steps = range(min(counts), max(counts) + 1)
    return [Share(name=_period(step * months, months), count=counts[step]) for step in steps]


def _period(month: int, months: int) -> str:
    """Name the period of `months` months that begins at `month`, counted from year 0."""
    year, first = divmod(month, 12)
    if months == 12:
        return f"{year}"
    return f"{year}-{first + 1:02d}" if months == 1 else f"{year} Q{first // 3 + 1}"
