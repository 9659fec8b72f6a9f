from datetime import UTC, datetime
from pathlib import Path

import pytest
from kubeflow_api import KubeflowApi
from kubeflow_wire import Fault
from schedules import NIGHTLY, UTC_ZONE, done, only

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import recurring
from codekiln_pipelines.kubeflow.recurring import Schedule, Swap, Trigger


def test_replace_puts_the_new_one_in_the_place_of_the_old_one(
    api: KubeflowApi, history: Path
) -> None:
    done("create", history, *NIGHTLY)
    (old,) = api.recurring
    api.requests.clear()
    assert done("replace", history, "--cron", "0 4 * * *", "--zone", "UTC") == 0
    assert only(api)["recurring_run_id"] != old
    assert only(api)["status"] == "ENABLED"
    assert only(api)["trigger"]["cron_schedule"]["cron"] == "0 0 4 * * *"
    steps = [
        r.path.rpartition("/")[2].replace(old, "OLD") for r in api.requests if r.method != "GET"
    ]
    new = only(api)["recurring_run_id"]
    assert [step.replace(new, "NEW") for step in steps] == [
        "recurringruns",
        "OLD:disable",
        "NEW:enable",
        "OLD",
    ]


def test_a_paused_schedule_stays_paused_when_it_is_replaced(
    api: KubeflowApi, history: Path
) -> None:
    done("create", history, *NIGHTLY, "--paused")
    done("replace", history, *NIGHTLY)
    assert only(api)["status"] == "DISABLED"


@pytest.mark.parametrize("path", [":disable", ":enable"])
def test_a_replace_that_fails_halfway_leaves_the_old_one_at_work(
    api: KubeflowApi, history: Path, path: str
) -> None:
    done("create", history, *NIGHTLY)
    (old,) = api.recurring
    api.faults = [Fault(503, path, times=3)]
    with pytest.raises(ServiceError):
        done("replace", history, "--cron", "0 4 * * *", "--zone", "UTC")
    assert only(api)["recurring_run_id"] == old
    assert only(api)["status"] == "ENABLED"


@pytest.mark.usefixtures("api")
def test_replace_wants_something_to_replace(history: Path) -> None:
    with pytest.raises(InputError, match="there is no schedule nightly to replace"):
        done("replace", history, *NIGHTLY)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, second, tzinfo=UTC)


def every(cron: str) -> list[Schedule]:
    trigger = Trigger(cron=cron)
    return [Schedule(schedule_id="1", name="s", pipeline="p", is_enabled=True, trigger=trigger)]


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        (at(12, 0), at(12, 0)),
        (at(2, 28, 30), at(2, 28, 30)),
        (at(2, 29, 30), at(2, 31)),
        (at(2, 30, 20), at(2, 31)),
    ],
)
def test_old_and_new_change_places_when_no_run_is_due(now: datetime, quiet: datetime) -> None:
    assert recurring.quiet_moment(every("0 30 2 * * *"), now, UTC_ZONE) == quiet


def test_the_change_waits_for_the_quiet_moment_and_says_so() -> None:
    slept: list[float] = []
    said: list[str] = []
    swap = Swap(server=UTC_ZONE, say=said.append, now=lambda: at(2, 30, 20), sleep=slept.append)
    recurring.wait_for_quiet(every("0 30 2 * * *"), swap)
    assert slept == [40.0]
    assert said == ["a run is due about now; changing places in 40 s"]


def test_a_schedule_without_a_quiet_moment_says_what_may_happen() -> None:
    said: list[str] = []
    swap = Swap(server=UTC_ZONE, say=said.append, now=lambda: at(2, 0))
    recurring.wait_for_quiet(every("0 * * * * *"), swap)
    assert "may be left out, or come twice" in said[0]
