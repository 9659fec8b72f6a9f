"""The history at a glance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import builders
import pytest

from codekiln.report import history


def times(days: int, every: int) -> list[datetime]:
    first = datetime(2020, 1, 15, tzinfo=UTC)
    return [first + timedelta(days=day) for day in range(0, days, every)]


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [(100, "2020-01", "2020-04"), (3_000, "2020 Q1", "2028 Q1"), (9_000, "2020", "2044")],
)
def test_activity_is_told_in_steps_that_suit_its_span(days: int, first: str, last: str) -> None:
    told = history.activity(times(days, 30))
    assert (told[0].name, told[-1].name) == (first, last)
    assert sum(share.count for share in told) == len(times(days, 30))


def test_periods_without_commits_are_not_left_out() -> None:
    told = history.activity([datetime(2020, month, 1, tzinfo=UTC) for month in (1, 4)])
    assert [share.count for share in told] == [1, 0, 0, 1]


def test_people_are_counted_by_address_and_shown_by_name(tmp_path: Path) -> None:
    commits = [
        builders.commit(n, author_name="Ann", author_email=mail)
        for n, mail in enumerate(["ann@a", "ANN@a", "ann@b"])
    ]
    told = history.read(builders.mined(tmp_path, commits))
    assert told.authors == 2
    assert told.top_authors == [history.Share(name="Ann", count=3)]


def test_a_broken_clock_does_not_stretch_the_history(tmp_path: Path) -> None:
    commits = [
        builders.commit(n, committer_time=time)
        for n, time in enumerate([-5, 0, 1_600_000_000, 2**62])
    ]
    told = history.read(builders.mined(tmp_path, commits))
    assert told.commits == 4
    assert (told.first, told.last) == ("2020-09-13", "2020-09-13")
    assert told.years == 0
