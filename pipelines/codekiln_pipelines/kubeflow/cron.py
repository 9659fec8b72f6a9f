"""Cron as people write it: five fields, and the moments at which they hold.

minute hour day-of-month month day-of-week, each `*`, a number, a range, a list or a step; months
and days of the week may be named, Sunday is 0 or 7; @hourly, @daily, @weekly, @monthly, @yearly.

Kubeflow reads cron with robfig/cron 1.2, which wants the seconds first. It would take five fields
as well, but as seconds, minutes, hours, days and months: `0 2 * * *` would run every hour, so
five fields are never sent. As in every cron, when both the day of the month and the day of the
week are limited, either suffices; a field that begins with `*` does not count as limited.

A moment counts if the wall clock shows it: where clocks are set forward over it, it is left out
that day, and where they are set back it comes twice, as robfig/cron has it.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from codekiln.core.errors import InputError

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ITEM = re.compile(r"^(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?$")
HORIZON_DAYS = 6 * 366
"""How far robfig/cron looks for a moment before it gives up."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """One of the five fields."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Read a number or a name; raises InputError."""
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.first
        if not text.isdecimal() or not self.first <= int(text) <= self.last:
            known = f", or {self.names[0]} to {self.names[-1]}" if self.names else ""
            raise InputError(
                f"the {self.name} of a cron is {text!r}; "
                f"it must be {self.first} to {self.last}{known}"
            )
        return int(text)


KINDS = (
    Kind("minute", 0, 59),
    Kind("hour", 0, 23),
    Kind("day of the month", 1, 31),
    Kind("month", 1, 12, MONTHS),
    Kind("day of the week", 0, 7, WEEKDAYS),
)


@dataclasses.dataclass(frozen=True)
class Field:
    """The numbers at which one field holds."""

    values: frozenset[int]
    has_star: bool = False
    """Whether it begins with `*`, and so does not count as limited."""


@dataclasses.dataclass(frozen=True)
class Cron:
    """When something is to run, by the wall clock of some place."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    def holds_on(self, day: date) -> bool:
        """Tell whether anything runs on `day`."""
        of_month = day.day in self.day.values
        of_week = day.isoweekday() % 7 in self.weekday.values
        starred = self.day.has_star or self.weekday.has_star
        return day.month in self.month.values and (
            (of_month and of_week) if starred else (of_month or of_week)
        )

    def times(self) -> list[time]:
        """Return the times of a day, in order."""
        pairs = itertools.product(sorted(self.hour.values), sorted(self.minute.values))
        return [time(hour, minute) for hour, minute in pairs]

    @property
    def for_kubeflow(self) -> str:
        """Return the six fields that mean this to Kubeflow."""
        parts = (self.minute, self.hour, self.day, self.month, self.weekday)
        kinds = (*KINDS[:4], Kind("day of the week", 0, 6))
        return " ".join(
            ["0", *(text_of(part, kind) for part, kind in zip(parts, kinds, strict=True))]
        )


def parse(text: str) -> Cron:
    """Read five fields or a macro; raises InputError in one line."""
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        if words[0].lower() not in MACROS:
            raise InputError(f"the cron is {text!r}; known are {', '.join(MACROS)} and five fields")
        words = MACROS[words[0].lower()].split()
    if len(words) == 6 and words[0] == "0":
        raise InputError(
            f"the cron {text!r} has six fields; leave out the seconds: '{' '.join(words[1:])}'"
        )
    if len(words) != len(KINDS):
        raise InputError(
            f"the cron {text!r} has {len(words)} fields; it must have five: minute, hour, "
            "day of the month, month, day of the week, as in '30 2 * * 1-5'"
        )
    fields = [field_of(word, kind) for word, kind in zip(words, KINDS, strict=True)]
    minute, hour, day, month, weekday = fields
    # Sunday is 7 for people and 0 for Kubeflow.
    weekday = Field(frozenset(number % 7 for number in weekday.values), weekday.has_star)
    cron = Cron(minute, hour, day, month, weekday)
    if next(moments(cron, datetime(2024, 1, 1, tzinfo=UTC), UTC), None) is None:
        raise InputError(f"the cron {text!r} never comes: no month has such a day")
    return cron


def field_of(text: str, kind: Kind) -> Field:
    """Read one field; raises InputError."""
    values: set[int] = set()
    for item in text.split(","):
        found = ITEM.match(item)
        if not found:
            raise InputError(f"the {kind.name} of a cron is {text!r}; wanted is *, 5, 1-5 or */15")
        first, last, step = found.groups()
        low = kind.number(first) if first else kind.first
        # `5/15` means from 5 to the end, `*` never means Sunday twice.
        end = min(kind.last, 6) if kind.last == 7 else kind.last
        high = kind.number(last) if last else low if first and not step else end
        if low > high or (step is not None and int(step) == 0):
            raise InputError(f"the {kind.name} of a cron is {text!r}, which holds nothing")
        values.update(range(low, high + 1, int(step or 1)))
    has_star = "*" in text
    if has_star and "," in text:
        raise InputError(f"the {kind.name} of a cron is {text!r}; a list has no * in it")
    return Field(frozenset(values), has_star)


def text_of(field: Field, kind: Kind) -> str:
    """Write `field` as robfig/cron reads it: what is limited lists its numbers."""
    everything = frozenset(range(kind.first, kind.last + 1))
    free = field.has_star or kind.name in {"minute", "hour", "month"}
    if field.values == everything:
        return "*" if free else f"{kind.first}-{kind.last}"
    numbers = sorted(field.values)
    runs = [list(run) for _, run in itertools.groupby(enumerate(numbers), lambda p: p[1] - p[0])]
    parts = [f"{run[0][1]}-{run[-1][1]}" if len(run) > 1 else f"{run[0][1]}" for run in runs]
    if not field.has_star:
        return ",".join(parts)
    # What began with `*` must do so again, or it would count as limited.
    step = numbers[1] - numbers[0] if len(numbers) > 1 else len(everything)
    return f"*/{step}"


def moments(cron: Cron, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield, in UTC, the moments after `after` at which `cron` holds by the wall clock of `zone`.

    Ends when nothing comes for more than five years.
    """
    times = cron.times()
    day = after.astimezone(zone).date()
    idle_days = 0
    while idle_days < HORIZON_DAYS:
        found = [m for m in moments_of(day, times, zone) if m > after] if cron.holds_on(day) else []
        yield from found
        idle_days = 0 if found else idle_days + 1
        day += timedelta(days=1)


def moments_of(day: date, times: list[time], zone: tzinfo) -> list[datetime]:
    """Return, in UTC and in order, the moments of `day` at which the clock of `zone` shows these.

    A time that the clock skips is left out; one that it shows twice comes twice.
    """
    ahead = datetime.combine(day, time(), zone).utcoffset()
    if ahead == datetime.combine(day + timedelta(days=1), time(), zone).utcoffset():
        # On all days but two a year the clock runs evenly, and this is twenty times as fast.
        return [datetime.combine(day, clock, UTC) - (ahead or timedelta(0)) for clock in times]
    found = set()
    for clock in times:
        for fold in (0, 1):
            local = datetime.combine(day, clock.replace(fold=fold), zone)
            moment = local.astimezone(UTC)
            if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                found.add(moment)
    return sorted(found)
