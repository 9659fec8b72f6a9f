from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import cron, time_zone
from codekiln_pipelines.kubeflow.cron import moments

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SERVER = ZoneInfo("UTC")


def sent(text: str, zone: str, server: str = "UTC", end: datetime | None = None) -> str:
    wanted = cron.parse(text)
    there = time_zone.converted(wanted, ZoneInfo(zone), ZoneInfo(server), NOW, end)
    return there.for_kubeflow


@pytest.mark.parametrize(
    ("text", "zone", "told"),
    [
        ("30 2 * * *", "UTC", "0 30 2 * * *"),
        ("30 2 * * *", "Asia/Tokyo", "0 30 17 * * *"),
        ("30 2 * * *", "Asia/Kolkata", "0 0 21 * * *"),
        ("0 2 * * mon-fri", "Asia/Tokyo", "0 0 17 * * 0-4"),
        ("0 22 * * sat", "Pacific/Honolulu", "0 0 8 * * 0"),
        ("*/20 * * * *", "Asia/Tokyo", "0 0,20,40 * * * *"),
    ],
)
def test_a_zone_without_clock_changes_is_shifted_exactly(text: str, zone: str, told: str) -> None:
    assert sent(text, zone) == told


def test_a_shifted_cron_comes_at_the_moments_that_were_wanted() -> None:
    wanted, zone = cron.parse("15 3 * * tue,sun"), ZoneInfo("Asia/Kolkata")
    there = time_zone.converted(wanted, zone, SERVER, NOW, None)
    assert list(islice(moments(there, NOW, SERVER), 50)) == list(
        islice(moments(wanted, NOW, zone), 50)
    )


def test_the_same_zone_follows_its_clock_whatever_it_does() -> None:
    assert sent("30 2 * * *", "Europe/Berlin", "Europe/Berlin") == "0 30 2 * * *"


def test_what_comes_each_hour_follows_any_clock() -> None:
    assert sent("*/10 * * * *", "Europe/Berlin") == "0 0,10,20,30,40,50 * * * *"


def test_clocks_that_change_are_refused_with_the_day_and_the_ways_out() -> None:
    with pytest.raises(InputError) as refused:
        sent("30 2 * * *", "Europe/Berlin")
    told = str(refused.value)
    assert "from 28 March 2027 on it would be off" in told
    assert "--zone UTC" in told
    assert "--fixed-offset" in told
    assert "--kubeflow-zone Europe/Berlin" in told


def test_a_schedule_that_ends_before_the_clocks_change_is_exact() -> None:
    end = datetime(2027, 3, 1, tzinfo=UTC)
    assert sent("30 2 * * *", "Europe/Berlin", end=end) == "0 30 1 * * *"


def test_a_day_of_the_month_that_the_shift_leaves_is_refused() -> None:
    with pytest.raises(InputError, match="no cron there follows the clock of Asia/Tokyo"):
        sent("30 2 1 * *", "Asia/Tokyo")


def test_times_that_are_no_cron_when_shifted_are_refused() -> None:
    with pytest.raises(InputError, match="are no cron"):
        sent("0,30 2 * * *", "Asia/Kolkata")


def test_a_fixed_offset_is_that_of_the_first_run() -> None:
    wanted, zone = cron.parse("30 2 * * *"), ZoneInfo("Europe/Berlin")
    winter = time_zone.at_offset(wanted, zone, SERVER, NOW)
    summer = time_zone.at_offset(wanted, zone, SERVER, NOW + timedelta(days=180))
    assert (winter.for_kubeflow, summer.for_kubeflow) == ("0 30 1 * * *", "0 30 0 * * *")


@pytest.mark.parametrize("told", ["Europe/Berlin", ":Europe/Berlin"])
def test_the_users_zone_is_that_of_the_environment(told: str) -> None:
    assert time_zone.of_user({"TZ": told}).key == "Europe/Berlin"


def test_the_users_zone_is_that_of_the_machine(tmp_path: Path) -> None:
    target = tmp_path / "zoneinfo" / "Asia" / "Tokyo"
    target.parent.mkdir(parents=True)
    target.touch()
    link = tmp_path / "localtime"
    link.symlink_to(target)
    assert time_zone.of_user({}, link).key == "Asia/Tokyo"


def test_a_machine_without_a_zone_keeps_utc(tmp_path: Path) -> None:
    assert time_zone.of_user({}, tmp_path / "none").key == "UTC"


def test_a_zone_without_a_name_is_asked_for(tmp_path: Path) -> None:
    copied = tmp_path / "localtime"
    copied.touch()
    with pytest.raises(InputError, match="give --zone"):
        time_zone.of_user({}, copied)
