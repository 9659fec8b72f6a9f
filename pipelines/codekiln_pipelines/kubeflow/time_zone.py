"""Time zones of a schedule: the user's, and the one in which Kubeflow reads cron.

Kubeflow's controller of scheduled workflows reads every cron in one zone, CRON_SCHEDULE_TIMEZONE
(the key cronScheduleTimezone of the ConfigMap pipeline-install-config; UTC as delivered), and a
schedule cannot name another. So a cron is shifted by the hours between the two zones, and the
shifted one is then compared with the wanted one, moment by moment: where clocks change in the
one zone and not in the other no shift is right all year, and that is refused, not hidden.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow.cron import Cron, Field, moments

LOOK_AHEAD = timedelta(days=400)
"""A year and the clock changes at both its ends."""
MINUTES_A_DAY = 24 * 60
LOCALTIME = Path("/etc/localtime")


def named(name: str) -> ZoneInfo:
    """Return the zone of that name; raises InputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"there is no time zone {name!r}; one is Europe/Berlin or UTC "
            "(if all are unknown, install tzdata)"
        ) from error


def of_user(environ: Mapping[str, str] = os.environ, localtime: Path = LOCALTIME) -> ZoneInfo:
    """Return the zone of this machine; raises InputError if it has no name."""
    told = environ.get("TZ", "").removeprefix(":")
    if told:
        return named(told)
    if not localtime.exists():
        return named("UTC")
    target = str(localtime.resolve())
    if "zoneinfo/" not in target:
        raise InputError("the time zone of this machine has no name: give --zone")
    name = target.rpartition("zoneinfo/")[2]
    return named(name.removeprefix("posix/").removeprefix("right/"))


def converted(
    cron: Cron, zone: ZoneInfo, server: ZoneInfo, after: datetime, end: datetime | None
) -> Cron:
    """Return what means `cron` of `zone` to a server that reads cron in `server`.

    Raises InputError if from `after` until `end`, or for a year, nothing means that exactly.
    """
    if zone.key == server.key:
        return cron
    shifted = at_offset(cron, zone, server, after)
    until = min(end, after + LOOK_AHEAD) if end else after + LOOK_AHEAD
    wrong = first_difference(cron, zone, shifted, server, (after, until))
    if wrong is None:
        return shifted
    raise InputError(
        f"Kubeflow reads cron in {server.key}, and no cron there follows the clock of {zone.key}: "
        f"from {wrong.astimezone(zone):%d %B %Y} on it would be off; give --zone {server.key}, or "
        "--fixed-offset to keep today's offset, or let the administrator set Kubeflow's zone "
        f"and give --kubeflow-zone {zone.key}"
    )


def at_offset(cron: Cron, zone: ZoneInfo, server: ZoneInfo, after: datetime) -> Cron:
    """Shift `cron` by what lies between the two zones at its first moment after `after`.

    Raises InputError if the shifted times cannot be written as a cron.
    """
    first = next(moments(cron, after, zone))
    return shift(cron, minutes_of(first, server) - minutes_of(first, zone))


def minutes_of(moment: datetime, zone: tzinfo) -> int:
    """Return how far the clock of `zone` is ahead of UTC at `moment`, in minutes."""
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    return round(offset.total_seconds() / 60)


def shift(cron: Cron, minutes: int) -> Cron:
    """Return `cron` as a clock shows it that is `minutes` ahead; raises InputError."""
    clock = [60 * time.hour + time.minute + minutes for time in cron.times()]
    days = {minute // MINUTES_A_DAY for minute in clock}
    of_day = {minute % MINUTES_A_DAY for minute in clock}
    hours, past = {m // 60 for m in of_day}, {m % 60 for m in of_day}
    if len(hours) * len(past) != len(of_day):
        raise InputError(
            "the times of this cron, shifted into Kubeflow's zone, are no cron: "
            "give one time a schedule, or --zone UTC"
        )
    return Cron(
        minute=Field(frozenset(past)),
        hour=Field(frozenset(hours)),
        day=cron.day,
        month=cron.month,
        weekday=shifted_weekday(cron, days),
    )


def shifted_weekday(cron: Cron, days: set[int]) -> Field:
    """Return the days of the week of `cron`, moved where the shift passes midnight.

    What cannot be moved (days of a month, or times on both sides of midnight) stays; whether
    that is right is for the comparison to tell.
    """
    if len(days) != 1 or cron.weekday.has_star:
        return cron.weekday
    moved = frozenset((day + next(iter(days))) % 7 for day in cron.weekday.values)
    return Field(moved, cron.weekday.has_star)


def first_difference(
    one: Cron, zone: tzinfo, other: Cron, server: tzinfo, span: tuple[datetime, datetime]
) -> datetime | None:
    """Return the first moment of `span` at which only one of both runs, or None."""
    after, until = span
    lefts, rights = moments(one, after, zone), moments(other, after, server)
    while True:
        left = next(lefts, None) or datetime.max.replace(tzinfo=UTC)
        right = next(rights, None) or datetime.max.replace(tzinfo=UTC)
        if min(left, right) > until:
            return None
        if left != right:
            return min(left, right)
