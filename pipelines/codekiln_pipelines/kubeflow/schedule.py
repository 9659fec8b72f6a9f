"""`codekiln schedule`: recurring runs on Kubeflow, by the clock of whoever asks for them."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from codekiln.core import flags
from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import (
    access,
    asked,
    connection,
    cron,
    recurring,
    schedule_list,
    submit,
    time_zone,
)
from codekiln_pipelines.kubeflow.asked import Asked
from codekiln_pipelines.kubeflow.connection import Kubeflow
from codekiln_pipelines.kubeflow.cron import Cron
from codekiln_pipelines.kubeflow.recurring import Schedule, Swap, Trigger

MOST_CONCURRENT = 10
"""The server's own limit."""
KUBEFLOW_ZONE = "KFP_CRON_TIMEZONE"
SETTING = "cronScheduleTimezone"
"""Where an installation says in which zone its controller reads cron."""
YEARS = range(2000, 3000)
"""In which a schedule may start and end; calendars end soon after the year 9999."""
PAUSED = "paused; runs that are at work go on"
RESUMED = "resumed; if a run was due meanwhile, Kubeflow starts the last of them at once"


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command schedule, with a verb each for what is done to a schedule."""
    told = commands.add_parser("schedule", help="run pipelines on Kubeflow by the clock")
    verbs = told.add_subparsers(metavar="VERB", required=True)
    for verb, about in (("create", "make a schedule"), ("replace", "make it anew, without a gap")):
        made = verbs.add_parser(verb, help=about, add_help=False)
        made.add_argument("name", nargs="?", metavar="NAME")
        made.add_argument("pipeline", nargs="?", metavar="PIPELINE")
        made.set_defaults(do=create if verb == "create" else replace)
    for verb, do, about in (
        ("pause", pause, "start no further runs"),
        ("resume", resume, "start runs again"),
        ("delete", delete, "forget it; its runs stay"),
    ):
        changed = verbs.add_parser(verb, help=about)
        changed.add_argument("name", metavar="NAME", help="name or id of the schedule")
        access.add_flags(changed)
        changed.set_defaults(do=do)
    _add_list(verbs)


def _add_list(verbs: "argparse._SubParsersAction[flags.Parser]") -> None:
    told = verbs.add_parser("list", help="show the schedules and their next runs")
    told.add_argument("--format", choices=("table", "json"), default="table")
    _add_zones(told)
    access.add_flags(told)
    told.set_defaults(do=show)


def add_flags(parser: flags.Parser) -> None:
    """Add what `create` and `replace` take besides the parameters of the pipeline."""
    group = parser.add_argument_group("when")
    group.add_argument(
        "--cron", metavar="CRON", help="minute hour day month weekday, as in '30 2 * * 1-5'"
    )
    _add_zones(parser)
    group.add_argument(
        "--fixed-offset",
        action="store_true",
        help="keep today's offset from Kubeflow's clock when clocks change",
    )
    group.add_argument("--start", metavar="TIME", help="not before: 2026-12-01 or 2026-12-01T06:00")
    group.add_argument("--end", metavar="TIME", help="not after")
    group.add_argument(
        "--max-concurrency",
        type=int,
        default=1,
        metavar="N",
        help="runs at the same time, at the most (default: 1)",
    )
    group.add_argument("--catchup", action="store_true", help="make up for every missed run")
    submit.add_run_flags(parser)
    access.add_flags(parser)


def add_create_flags(parser: flags.Parser) -> None:
    """Add what only `create` takes: a schedule that replaces another is on if that one was."""
    parser.add_argument("--paused", action="store_true", help="make it, but start no runs yet")
    add_flags(parser)


def _add_zones(parser: flags.Parser) -> None:
    parser.add_argument("--zone", metavar="ZONE", help="your time zone (default: this machine's)")
    parser.add_argument(
        "--kubeflow-zone",
        metavar="ZONE",
        help=f"where Kubeflow reads cron (default: {KUBEFLOW_ZONE}, or what it is set to, or UTC)",
    )


def create(told: argparse.Namespace, rest: list[str]) -> int:
    """Make a new schedule; prints its id."""
    return _make("create", told, rest)


def replace(told: argparse.Namespace, rest: list[str]) -> int:
    """Make a schedule anew in the place of that of the same name; prints its id."""
    return _make("replace", told, rest)


def _make(verb: str, told: argparse.Namespace, rest: list[str]) -> int:
    if told.name is not None and told.pipeline is None:
        raise InputError(f"name a schedule and a pipeline: codekiln schedule {verb} NAME PIPELINE")
    more = add_create_flags if verb == "create" else add_flags
    request = asked.read(f"schedule {verb} {told.name or 'NAME'}", told.pipeline, rest, more)
    wanted, zone = checked(request)
    with connection.connected(access.of(request.told)) as client:
        server = server_zone(request.told.kubeflow_zone, client)
        trigger = trigger_of(request, wanted, zone, server)
        if verb == "replace" or not trigger.catchup:
            trigger = without_past(trigger, datetime.now(UTC))
        there = recurring.listed(client, told.name)
        refuse_wrong_verb(verb, told.name, there)
        new = submit.new_run(client, request, told.name)
        if verb == "create":
            made = recurring.create(client, new, trigger, enabled=not request.told.paused)
        else:
            made = recurring.replace(client, there, new, trigger, Swap(server=server, say=say))
        sys.stdout.write(f"{made}\n")
        say(f"{told.name}: {request.told.cron} ({zone.key}), in Kubeflow {trigger.cron}")
        say(f"  next: {schedule_list.in_words(upcoming(trigger, server), zone)}")
        say(f"  {client.page(f'recurringrun/details/{made}')}")
    return 0


def refuse_wrong_verb(verb: str, name: str, there: list[Schedule]) -> None:
    """Raise InputError if what is to be made is there, or what is to be replaced is not."""
    if verb == "create" and there:
        raise InputError(f"there is a schedule {name} already; codekiln schedule replace {name}")
    if verb == "replace" and not there:
        raise InputError(f"there is no schedule {name} to replace; codekiln schedule create {name}")


def checked(request: Asked) -> tuple[Cron, ZoneInfo]:
    """Check what is asked for before anybody is asked; returns the cron and its zone."""
    told = request.told
    if told.cron is None:
        raise InputError("when? give --cron, as in --cron '30 2 * * 1-5'")
    if not 1 <= told.max_concurrency <= MOST_CONCURRENT:
        raise InputError(
            f"--max-concurrency is {told.max_concurrency}; Kubeflow takes 1 to {MOST_CONCURRENT}"
        )
    return cron.parse(told.cron), time_zone.named(told.zone) if told.zone else time_zone.of_user()


def trigger_of(request: Asked, wanted: Cron, zone: ZoneInfo, server: ZoneInfo) -> Trigger:
    """Say `wanted`, which is by the clock of `zone`, in the words of a server in `server`.

    Raises InputError if it cannot be said, or if no run would ever come of it.
    """
    told = request.told
    now = datetime.now(UTC)
    start, end = time_of(told.start, zone), time_of(told.end, zone)
    begin = max(now, start) if start else now
    there = (
        time_zone.at_offset(wanted, zone, server, begin)
        if told.fixed_offset
        else time_zone.converted(wanted, zone, server, begin, end)
    )
    trigger = Trigger(
        cron=there.for_kubeflow,
        start=start,
        end=end,
        max_concurrency=told.max_concurrency,
        catchup=told.catchup,
    )
    if next(upcoming(trigger, server), None) is None:
        raise InputError("no run would ever start: look at --cron, --start and --end")
    return trigger


def without_past(trigger: Trigger, now: datetime) -> Trigger:
    """Return `trigger` without a start that is past.

    Kubeflow would count the runs since then as missed, and start one at once.
    """
    is_past = trigger.start is not None and trigger.start <= now
    return dataclasses.replace(trigger, start=None) if is_past else trigger


def time_of(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Read a moment by the clock of `zone`, unless it names another; raises InputError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no time; one is 2026-12-01 or 2026-12-01T06:00") from error
    if moment.year not in YEARS:
        raise InputError(f"{text!r} is no time for a run: give a year of {YEARS[0]} to {YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def server_zone(told: str | None, client: Kubeflow) -> ZoneInfo:
    """Return the zone in which Kubeflow reads cron: as told, as set, or as delivered."""
    name = told or os.environ.get(KUBEFLOW_ZONE) or client.install_setting(SETTING) or "UTC"
    return time_zone.named(name)


def upcoming(trigger: Trigger, server: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments that `trigger` will start runs."""
    only = Schedule(schedule_id="", name="", pipeline="", is_enabled=True, trigger=trigger)
    return only.next_moments(datetime.now(UTC), server)


def pause(told: argparse.Namespace, rest: list[str]) -> int:
    """Let a schedule start no further runs."""
    return _switch(told, rest, on=False)


def resume(told: argparse.Namespace, rest: list[str]) -> int:
    """Let a schedule start runs again."""
    return _switch(told, rest, on=True)


def _switch(told: argparse.Namespace, rest: list[str], *, on: bool) -> int:
    submit.no_more(rest)
    with connection.connected(access.of(told)) as client:
        found = recurring.find(client, told.name)
        if on and len(found) > 1:
            ids = ", ".join(schedule.schedule_id for schedule in found)
            raise InputError(
                f"{len(found)} schedules are called {told.name}; name one by id: {ids}"
            )
        recurring.switch(client, found, on=on)
        say(f"{told.name}: {RESUMED if on else PAUSED}")
    return 0


def delete(told: argparse.Namespace, rest: list[str]) -> int:
    """Delete a schedule; its runs stay."""
    submit.no_more(rest)
    with connection.connected(access.of(told)) as client:
        recurring.delete(client, recurring.find(client, told.name))
        say(f"{told.name}: deleted; its runs stay")
    return 0


def show(told: argparse.Namespace, rest: list[str]) -> int:
    """Show all schedules and when they run next, by the clock of whoever asks."""
    submit.no_more(rest)
    zone = time_zone.named(told.zone) if told.zone else time_zone.of_user()
    with connection.connected(access.of(told)) as client:
        server = server_zone(told.kubeflow_zone, client)
        found = sorted(recurring.listed(client), key=lambda schedule: schedule.name)
    now = datetime.now(UTC)
    moments = {s.schedule_id: schedule_list.coming(s, now, server) for s in found}
    if told.format == "json":
        rows = [schedule_list.row_of(s, moments[s.schedule_id], zone) for s in found]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        sys.stdout.write(schedule_list.table_of(found, moments, zone, server))
    return 0


def say(text: str) -> None:
    """Say a line to people."""
    sys.stderr.write(f"{text}\n")
