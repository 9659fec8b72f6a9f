from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.discover_repos import bands
from codekiln.discover_repos.bands import CEILING, Band, split

TODAY = date(2026, 11, 21)


@st.composite
def star_bands(draw: st.DrawFn) -> Band:
    low = draw(st.integers(0, 10_000))
    return Band(low, draw(st.none() | st.integers(low + 1, low + 200_000)))


@given(star_bands(), st.integers(CEILING + 1, 10**6))
def test_two_bands_of_stars_hold_each_star_of_theirs_once(band: Band, total: int) -> None:
    upper, lower = split(band, total, TODAY)
    assert (lower.low, upper.high) == (band.low, band.high)
    assert lower.high is not None
    assert lower.high + 1 == upper.low
    assert lower.low <= lower.high
    assert upper.high is None or upper.low <= upper.high


@given(st.integers(0, 10_000), st.dates(bands.FIRST_DAY, TODAY), st.integers(1, 9000))
def test_two_bands_of_days_hold_each_day_of_theirs_once(stars: int, since: date, days: int) -> None:
    band = Band(stars, stars, since, since + timedelta(days=days))
    first, second = split(band, 5000, TODAY)
    assert (first.since, second.until) == (band.since, band.until)
    assert first.until is not None
    assert first.until + timedelta(days=1) == second.since
    assert first.low == first.high == second.low == second.high == stars


def test_one_count_of_stars_is_cut_by_the_days_since_there_is_github() -> None:
    first, second = split(Band(100, 100), 2400, TODAY)
    assert (first.since, second.until) == (bands.FIRST_DAY, TODAY)


def test_a_single_day_cannot_be_cut() -> None:
    assert split(Band(100, 100, TODAY, TODAY), 2400, TODAY) == []


@given(st.integers(0, 1000), st.integers(CEILING + 1, 10**6))
def test_cutting_comes_to_an_end(low: int, total: int) -> None:
    """However wrong the guess: both halves are smaller, down to one star or one day."""
    band, steps = Band(low, low + 100_000), 0
    while pieces := split(band, total, TODAY):
        band, steps = pieces[steps % 2], steps + 1
    assert steps < 120_000


def test_the_upper_band_is_about_a_query_full_where_stars_fall_as_they_do() -> None:
    total, low = 25_000, 100
    upper, _ = split(Band(low), total, TODAY)
    assert 500 < total * low / upper.low <= CEILING


@pytest.mark.parametrize(
    "band", [Band(100), Band(100, 250), Band(7, 7, date(2012, 1, 1), date(2012, 6, 30))]
)
def test_a_band_is_read_as_it_was_written(band: Band) -> None:
    assert bands.parse(str(band)) == band


def test_a_band_is_written_as_a_search_wants_it() -> None:
    assert str(Band(100)) == "stars:100..*"
    days = (date(2012, 1, 1), date(2012, 6, 30))
    assert str(Band(7, 7, *days)) == "stars:7..7 created:2012-01-01..2012-06-30"


def test_what_is_no_band_is_no_band() -> None:
    with pytest.raises(ValueError, match="stars:many"):
        bands.parse("stars:many")
