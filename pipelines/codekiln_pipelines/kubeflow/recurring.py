"""Recurring runs as Kubeflow keeps them: made, found, switched on and off, deleted, replaced.

A recurring run cannot be changed, only replaced, and its name need not be the only one.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from codekiln.core.errors import CodekilnError, InputError
from codekiln_pipelines.kubeflow import cron, run_state
from codekiln_pipelines.kubeflow.connection import Kubeflow, NewRun, equals
from codekiln_pipelines.kubeflow.cron import Cron
from codekiln_pipelines.kubeflow.errors import NotThereError

ENABLED = "ENABLED"
KEEP_RUNS = "ORPHAN"
"""How to delete: with any other policy Kubernetes would kill the runs that are at work."""
QUIET = timedelta(seconds=60)
"""Kubeflow's controller takes up to this long to start what is due, or to see a change."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trigger:
    """When a schedule starts its runs."""

    cron: str
    """Six fields, the first are seconds, in the time zone of Kubeflow's controller."""
    start: datetime | None = None
    end: datetime | None = None
    max_concurrency: int = 1
    catchup: bool = False
    """Whether times that were missed are made up for, one by one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schedule:
    """One recurring run."""

    schedule_id: str
    name: str
    pipeline: str
    is_enabled: bool
    trigger: Trigger | None
    """None for one that runs by the interval, not by the clock."""
    description: str = ""

    def next_moments(self, after: datetime, server: ZoneInfo) -> Iterator[datetime]:
        """Yield, in UTC, when it starts runs after `after`, were it enabled."""
        told = cron_of(self.trigger.cron) if self.trigger else None
        if self.trigger is None or told is None:
            return
        begin = max(after, self.trigger.start) if self.trigger.start else after
        for moment in cron.moments(told, begin, server):
            if self.trigger.end and moment > self.trigger.end:
                return
            yield moment


def cron_of(six: str) -> Cron | None:
    """Read a cron of Kubeflow's; None if it is none that we write."""
    seconds, _, rest = six.strip().partition(" ")
    try:
        return cron.parse(rest) if seconds == "0" else None
    except InputError:
        return None


def listed(client: Kubeflow, name: str | None = None) -> list[Schedule]:
    """Return the schedules of our namespace, or those called `name`; InputError if that is blank.

    A blank name, as of a variable that is not set, must not mean all of them.
    """
    if name is not None and not name.strip():
        raise InputError("the name of the schedule is empty; see codekiln schedule list")
    call = client.recurring_runs.recurring_run_service_list_recurring_runs
    named = {"filter": equals(display_name=name)} if name else {}
    found = client.listed(call, "recurring_runs", **named, **client.in_namespace)
    return [schedule_of(told) for told in found]


def schedule_of(told: Any) -> Schedule:
    """Read a recurring run as the API gives it."""
    spec = told.pipeline_spec or {}
    info = spec.get("pipeline_spec", spec).get("pipelineInfo", {})
    clock = told.trigger.cron_schedule if told.trigger else None
    trigger = None
    if clock is not None and clock.cron:
        trigger = Trigger(
            cron=clock.cron,
            start=run_state.known_time(clock.start_time),
            end=run_state.known_time(clock.end_time),
            max_concurrency=int(told.max_concurrency or 1),
            catchup=not told.no_catchup,
        )
    return Schedule(
        schedule_id=told.recurring_run_id,
        name=told.display_name or "",
        pipeline=info.get("name", ""),
        is_enabled=told.status == ENABLED,
        trigger=trigger,
        description=told.description or "",
    )


def find(client: Kubeflow, name: str) -> list[Schedule]:
    """Return the schedules called `name`, or the one with that id; InputError if there is none."""
    found = listed(client, name) or [s for s in listed(client) if s.schedule_id == name]
    if not found:
        raise InputError(f"there is no schedule {name}; see codekiln schedule list")
    return found


def create(client: Kubeflow, new: NewRun, trigger: Trigger, *, enabled: bool) -> str:
    """Make a recurring run exactly once, and return its id."""
    body = client.api.V2beta1RecurringRun(
        experiment_id=new.experiment_id,
        display_name=new.name,
        description=new.description,
        pipeline_spec=new.source,
        runtime_config=client.runtime_config(new),
        service_account=new.service_account,
        max_concurrency=str(trigger.max_concurrency),
        no_catchup=not trigger.catchup,
        trigger=client.api.V2beta1Trigger(
            cron_schedule=client.api.V2beta1CronSchedule(
                cron=trigger.cron, start_time=trigger.start, end_time=trigger.end
            )
        ),
        mode="ENABLE" if enabled else "DISABLE",
    )
    call = client.recurring_runs.recurring_run_service_create_recurring_run
    return client.once(
        lambda: str(client.ask(call, recurring_run=body).recurring_run_id),
        lambda: next(
            (s.schedule_id for s in listed(client, new.name) if s.description == new.description),
            None,
        ),
    )


def switch(client: Kubeflow, schedules: Sequence[Schedule], *, on: bool) -> None:
    """Switch schedules on or off; runs that are at work go on."""
    calls = client.recurring_runs
    call = (
        calls.recurring_run_service_enable_recurring_run
        if on
        else calls.recurring_run_service_disable_recurring_run
    )
    for schedule in schedules:
        client.insist(call, schedule.schedule_id)


def delete(client: Kubeflow, schedules: Sequence[Schedule]) -> None:
    """Delete schedules; runs that are at work go on."""
    call = client.recurring_runs.recurring_run_service_delete_recurring_run
    for schedule in schedules:
        # The answer may get lost: asked again, the server has none of that id any more.
        with contextlib.suppress(NotThereError):
            client.insist(call, schedule.schedule_id, propagation_policy=KEEP_RUNS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Swap:
    """How one schedule takes the place of others."""

    server: ZoneInfo
    """Where Kubeflow reads cron."""
    say: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def replace(
    client: Kubeflow, olds: Sequence[Schedule], new: NewRun, trigger: Trigger, swap: Swap
) -> str:
    """Put a new schedule where `olds` are, so that no due run is left out or comes twice.

    In a quiet minute the new one is made switched off, old and new change places, and the old
    ones are deleted; whatever fails before that leaves the old ones as they were. It is made only
    then, because a schedule that is switched on runs at once what was due since it was made. It
    is switched on if one of the old ones was. Returns its id; raises InputError, ServiceError.
    """
    enabled = [old for old in olds if old.is_enabled]
    fresh = Schedule(schedule_id="", name=new.name, pipeline="", is_enabled=False, trigger=trigger)
    if enabled:
        wait_for_quiet([*enabled, fresh], swap)
    made = create(client, new, trigger, enabled=False)
    fresh = dataclasses.replace(fresh, schedule_id=made)
    try:
        if enabled:
            switch(client, enabled, on=False)
            switch(client, [fresh], on=True)
    except (CodekilnError, KeyboardInterrupt):
        swap.say("the old schedule is put back")
        switch(client, enabled, on=True)
        delete(client, [fresh])
        raise
    delete(client, olds)
    if not enabled:
        swap.say("it stays paused, as the old one was")
    return made


def wait_for_quiet(schedules: Sequence[Schedule], swap: Swap) -> None:
    """Wait until no run of `schedules` is due within a minute before or after now."""
    now = swap.now()
    moment = quiet_moment(schedules, now, swap.server)
    if moment is None:
        swap.say("it runs so often that one run may be left out, or come twice, at the change")
    elif moment > now:
        seconds = (moment - now).total_seconds()
        swap.say(f"a run is due about now; changing places in {seconds:.0f} s")
        swap.sleep(seconds)


def quiet_moment(schedules: Sequence[Schedule], now: datetime, server: ZoneInfo) -> datetime | None:
    """Return the first moment from `now` on with no run due close by; None within ten minutes."""
    moment = now
    while moment <= now + 10 * QUIET:
        due = [
            found
            for schedule in schedules
            for found in [next(schedule.next_moments(moment - QUIET, server), None)]
            if found is not None and found <= moment + QUIET
        ]
        if not due:
            return moment
        moment = max(due) + QUIET
    return None
