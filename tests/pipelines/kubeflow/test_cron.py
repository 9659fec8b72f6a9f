"""Expected moments are those of robfig/cron 1.2.0 itself, which Kubeflow uses."""

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import cron

HOURS_AND_DAYS = st.tuples(
    st.sets(st.integers(0, 59), min_size=1, max_size=3),
    st.sets(st.integers(0, 23), min_size=1, max_size=3),
    st.sets(st.integers(1, 28), max_size=3),
    st.sets(st.integers(0, 7), max_size=3),
)


def at(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def listed(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers))) or "*"


@pytest.mark.parametrize(
    ("zone", "after", "text", "moments"),
    [
        pytest.param(
            "Europe/Berlin",
            1774569600,
            "30 2 * * *",
            [1774575000, 1774661400, 1774830600, 1774917000],
            id="02:30 is skipped on the day that has none",
        ),
        pytest.param(
            "Europe/Berlin",
            1792800000,
            "30 2 * * *",
            [1792801800, 1792888200, 1792891800, 1792978200],
            id="02:30 comes twice on the day that has two",
        ),
        pytest.param(
            "UTC",
            1767225600,
            "0 9 13 * 5",
            [1767344400, 1767949200, 1768294800, 1768554000],
            id="either day suffices where both are limited",
        ),
        pytest.param(
            "UTC",
            1767225600,
            "0 9 */10 * fri",
            [1777626000, 1785488400, 1787302800, 1789117200],
            id="a day that begins with a star does not count as limited",
        ),
        pytest.param(
            "America/New_York",
            1772841600,
            "15,45 1-3 * * 0-6",
            [1772864100, 1772865900, 1772867700, 1772869500],
            id="all days of the week, limited",
        ),
        pytest.param("UTC", 1767225600, "0 0 29 feb *", [1835395200, 1961625600], id="leap days"),
        pytest.param(
            "UTC",
            1767225600,
            "7 5/6 * 1-3,12 *",
            [1767244020, 1767265620, 1767287220, 1767308820],
            id="a step without an end goes to the last",
        ),
    ],
)
def test_moments_are_those_of_kubeflows_own_cron(
    zone: str, after: int, text: str, moments: list[int]
) -> None:
    found = cron.moments(cron.parse(text), at(after), ZoneInfo(zone))
    assert [int(m.timestamp()) for m in islice(found, len(moments))] == moments


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("30 2 * * *", "0 30 2 * * *"),
        ("*/15 * * * *", "0 */15 * * * *"),
        ("0 9-17 * * MON-FRI", "0 0 9-17 * * 1-5"),
        ("0 0 * * 7", "0 0 0 * * 0"),
        ("0 0 * * 5-7", "0 0 0 * * 0,5-6"),
        ("0 0 */2 * 1", "0 0 0 */2 * 1"),
        ("0 0 */31 * 1", "0 0 0 */31 * 1"),
        ("0 0 1-31 * 1", "0 0 0 1-31 * 1"),
        ("0 0 13 * 0-6", "0 0 0 13 * 0-6"),
        ("@daily", "0 0 0 * * *"),
        ("@weekly", "0 0 0 * * 0"),
    ],
)
def test_six_fields_are_sent(text: str, sent: str) -> None:
    assert cron.parse(text).for_kubeflow == sent


@given(HOURS_AND_DAYS)
def test_what_is_sent_means_what_was_written(
    fields: tuple[set[int], set[int], set[int], set[int]],
) -> None:
    minutes, hours, days, weekdays = map(listed, fields)
    written = cron.parse(f"{minutes} {hours} {days} * {weekdays}")
    assert cron.parse(written.for_kubeflow.removeprefix("0 ")) == written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has 0 fields; it must have five"),
        ("* * * *", "has 4 fields"),
        ("0 30 2 * * *", r"leave out the seconds: '30 2 \* \* \*'"),
        ("15 30 2 * * *", "has 6 fields; it must have five"),
        ("@sometimes", "known are @yearly"),
        ("60 * * * *", "the minute of a cron is '60'; it must be 0 to 59"),
        ("* 24 * * *", "the hour of a cron is '24'"),
        ("* * 0 * *", "the day of the month of a cron is '0'"),
        ("* * * 13 *", "the month of a cron is '13'; it must be 1 to 12, or jan to dec"),
        ("* * * * 8", "the day of the week of a cron is '8'"),
        ("* * * * mond", "the day of the week of a cron is 'mond'"),
        ("5-1 * * * *", "which holds nothing"),
        ("*/0 * * * *", "which holds nothing"),
        ("* * 1-2-3 * *", "wanted is"),
        ("*,5 * * * *", r"a list has no \* in it"),
        ("0 0 30 2 *", "never comes"),
    ],
)
def test_nonsense_is_refused(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        cron.parse(text)
