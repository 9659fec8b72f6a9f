"""What is told of schedules: a table for people, rows for programs, moments in words."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from codekiln_pipelines.kubeflow.recurring import Schedule

SHOWN = 3
"""How many of the next runs are told."""


def coming(schedule: Schedule, after: datetime, server: ZoneInfo) -> list[datetime]:
    """Return the next moments at which `schedule` will start runs; none while it is paused."""
    if not schedule.is_enabled:
        return []
    return list(islice(schedule.next_moments(after, server), SHOWN))


def in_words(moments: Iterator[datetime], zone: ZoneInfo) -> str:
    """Say the next moments by the clock of `zone`."""
    return ", ".join(f"{m.astimezone(zone):%a %d %b %H:%M}" for m in islice(moments, SHOWN))


def row_of(schedule: Schedule, moments: list[datetime], zone: ZoneInfo) -> dict[str, object]:
    """Return what a program wants to know of a schedule."""
    trigger = schedule.trigger
    return {
        "id": schedule.schedule_id,
        "name": schedule.name,
        "pipeline": schedule.pipeline,
        "enabled": schedule.is_enabled,
        "cron": trigger.cron if trigger else None,
        "max_concurrency": trigger.max_concurrency if trigger else None,
        "catchup": trigger.catchup if trigger else None,
        "next": [moment.astimezone(zone).isoformat() for moment in moments],
    }


def table_of(
    schedules: list[Schedule],
    moments: dict[str, list[datetime]],
    zone: ZoneInfo,
    server: ZoneInfo,
) -> str:
    """Return the table that a person sees; lines are as long as they must be."""
    rows = [("NAME", "PIPELINE", "STATE", f"CRON ({server.key})", f"NEXT ({zone.key})")]
    for schedule in schedules:
        clock = schedule.trigger.cron if schedule.trigger else "by interval"
        state = "on" if schedule.is_enabled else "paused"
        following = in_words(iter(moments[schedule.schedule_id]), zone)
        rows.append((schedule.name, schedule.pipeline, state, clock, following))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines)
