import json
from pathlib import Path

import pytest
from command_line import run
from kubeflow_api import KubeflowApi
from kubeflow_wire import Fault
from schedules import NIGHTLY, done, only

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import schedule


def test_a_schedule_is_made_with_six_fields_and_tells_its_next_runs(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done("create", history, *NIGHTLY) == 0
    made = only(api)
    assert made["trigger"]["cron_schedule"]["cron"] == "0 30 2 * * *"
    assert made["status"] == "ENABLED"
    assert made["no_catchup"] is True
    assert made["max_concurrency"] == "1"
    assert made["runtime_config"]["parameters"]["repository"] == "https://example.com/x.git"
    out, err = capsys.readouterr()
    assert out == f"{made['recurring_run_id']}\n"
    assert err.count(" 02:30") == 3
    assert f"{api.url}/#/recurringrun/details/" in err


def test_a_schedule_may_begin_paused_end_and_run_several_at_a_time(
    api: KubeflowApi, history: Path
) -> None:
    more = ["--start", "2030-01-01", "--end", "2031-01-01T06:00", "--max-concurrency", "3"]
    done("create", history, *NIGHTLY, "--paused", "--catchup", *more)
    made = only(api)
    assert made["status"] == "DISABLED"
    assert made["no_catchup"] is False
    assert made["max_concurrency"] == "3"
    clock = made["trigger"]["cron_schedule"]
    assert clock["start_time"].startswith("2030-01-01T00:00:00")
    assert clock["end_time"].startswith("2031-01-01T06:00:00")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "when"),
        (["--cron", "0 30 2 * * *"], r"six fields; leave out the seconds: '30 2 \* \* \*'"),
        (["--cron", "30 2 * *"], "has 4 fields; it must have five"),
        (["--cron", "61 2 * * *"], "the minute of a cron is '61'; it must be 0 to 59"),
        (["--cron", "0 0 31 2 *"], "never comes: no month has such a day"),
        (["--cron", "0 2 * * *", "--zone", "Mars/Base"], "there is no time zone 'Mars/Base'"),
        (["--cron", "0 2 * * *", "--max-concurrency", "11"], "Kubeflow takes 1 to 10"),
        (["--cron", "0 2 * * *", "--model-size", "huge"], "must be one of tiny, small, medium"),
    ],
)
def test_nonsense_is_refused_in_one_line_before_anything_is_sent(
    api: KubeflowApi, history: Path, argv: list[str], told: str
) -> None:
    with pytest.raises(InputError, match=told) as refused:
        done("create", history, *argv)
    assert "\n" not in str(refused.value)
    assert not api.requests


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--start", "tomorrow"], "'tomorrow' is no time"),
        (["--start", "9999-12-31"], "give a year of 2000 to 2999"),
        (["--end", "2020-01-01"], "no run would ever start"),
        (["--start", "2031-01-01", "--end", "2030-01-01"], "no run would ever start"),
    ],
)
def test_a_span_without_a_run_is_refused(
    api: KubeflowApi, history: Path, argv: list[str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        done("create", history, *NIGHTLY, *argv)
    assert not api.recurring


def test_the_clock_of_a_zone_that_kubeflow_does_not_keep_is_refused_unless_drift_is_accepted(
    api: KubeflowApi, history: Path
) -> None:
    berlin = ["--cron", "30 2 * * *", "--zone", "Europe/Berlin"]
    with pytest.raises(InputError, match="no cron there follows the clock of Europe/Berlin"):
        done("create", history, *berlin)
    assert done("create", history, *berlin, "--fixed-offset") == 0
    assert only(api)["trigger"]["cron_schedule"]["cron"] in {"0 30 1 * * *", "0 30 0 * * *"}


def test_where_kubeflow_keeps_the_users_zone_the_cron_is_sent_as_it_is(
    api: KubeflowApi, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(schedule.KUBEFLOW_ZONE, "Europe/Berlin")
    done("create", history, "--cron", "30 2 * * mon-fri", "--zone", "Europe/Berlin")
    assert only(api)["trigger"]["cron_schedule"]["cron"] == "0 30 2 * * 1-5"


@pytest.mark.usefixtures("api")
def test_a_second_schedule_of_one_name_is_refused(history: Path) -> None:
    done("create", history, *NIGHTLY)
    with pytest.raises(InputError, match="there is a schedule nightly already; codekiln schedule"):
        done("create", history, *NIGHTLY)


def test_a_schedule_whose_answer_was_lost_is_not_made_twice(
    api: KubeflowApi, history: Path
) -> None:
    api.faults = [Fault("done", "POST /apis/v2beta1/recurringruns")]
    assert done("create", history, *NIGHTLY) == 0
    assert only(api)["status"] == "ENABLED"


def test_pause_resume_and_delete_leave_the_runs_alone(api: KubeflowApi, history: Path) -> None:
    done("create", history, *NIGHTLY)
    for verb, status in (("pause", "DISABLED"), ("resume", "ENABLED")):
        assert run(schedule.add, ["schedule", verb, "nightly"]) == 0
        assert only(api)["status"] == status
    assert run(schedule.add, ["schedule", "delete", "nightly"]) == 0
    assert not api.recurring
    assert api.deletions == ["ORPHAN"]


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_means_no_schedule_and_not_all_of_them(
    api: KubeflowApi, history: Path, name: str
) -> None:
    done("create", history, *NIGHTLY)
    was = only(api).copy()
    for verb in ("pause", "resume", "delete"):
        with pytest.raises(InputError, match="the name of the schedule is empty"):
            run(schedule.add, ["schedule", verb, name])
    for verb in ("create", "replace"):
        with pytest.raises(InputError, match="the name of the schedule is empty"):
            done(verb, history, *NIGHTLY, name=name)
    assert only(api) == was


def test_a_schedule_whose_deletion_was_not_answered_is_deleted_all_the_same(
    api: KubeflowApi, history: Path
) -> None:
    done("create", history, *NIGHTLY)
    api.faults = [Fault("done", "DELETE /apis/v2beta1/recurringruns")]
    assert run(schedule.add, ["schedule", "delete", "nightly"]) == 0
    assert not api.recurring


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize("verb", ["pause", "resume", "delete"])
def test_a_schedule_that_is_not_there_is_told_of(verb: str) -> None:
    with pytest.raises(InputError, match="there is no schedule nightly"):
        run(schedule.add, ["schedule", verb, "nightly"])


def test_the_list_is_for_machines_too(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.page_limit = 1
    done("create", history, "--cron", "0 0 * * *", "--zone", "UTC", name="b")
    done("create", history, *NIGHTLY, "--paused", name="a")
    capsys.readouterr()
    zone = ["--zone", "Asia/Kolkata"]
    assert run(schedule.add, ["schedule", "list", "--format", "json", *zone]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["name"], first["enabled"], first["next"]) == ("a", False, [])
    assert (second["name"], second["pipeline"]) == ("b", "history")
    assert all(told.endswith("T05:30:00+05:30") for told in second["next"])
    assert len(second["next"]) == 3


@pytest.mark.usefixtures("api")
def test_the_list_is_a_table_with_the_next_runs_by_the_users_clock(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done("create", history, *NIGHTLY)
    capsys.readouterr()
    run(schedule.add, ["schedule", "list", "--zone", "Asia/Kolkata"])
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "PIPELINE", "STATE", "CRON", "(UTC)", "NEXT", "(Asia/Kolkata)"]
    assert line.startswith("nightly  history")
    assert line.count(" 08:00") == 3


def test_schedules_that_others_made_are_listed_too(
    api: KubeflowApi, capsys: pytest.CaptureFixture[str]
) -> None:
    common = {"namespace": "", "status": "ENABLED", "max_concurrency": "1"}
    clocks = [
        {"cron_schedule": {"cron": "@every 2h"}},
        {"periodic_schedule": {"interval_second": 9}},
    ]
    for number, trigger in enumerate(clocks):
        told = {"recurring_run_id": str(number), "display_name": f"s{number}", "trigger": trigger}
        api.recurring[str(number)] = {**common, **told}
    run(schedule.add, ["schedule", "list", "--zone", "UTC"])
    out = capsys.readouterr().out
    assert "@every 2h" in out
    assert "by interval" in out


@pytest.mark.parametrize(
    ("verb", "argv", "kept"),
    [
        ("create", [], False),
        ("create", ["--catchup"], True),
        ("replace", ["--catchup"], False),
    ],
)
def test_a_start_that_is_past_is_kept_only_where_missed_runs_are_to_be_made_up_for(
    api: KubeflowApi, history: Path, verb: str, argv: list[str], kept: bool
) -> None:
    if verb == "replace":
        done("create", history, *NIGHTLY)
    done(verb, history, *NIGHTLY, "--start", "2026-01-01", *argv)
    assert ("start_time" in only(api)["trigger"]["cron_schedule"]) is kept


def test_where_users_are_kept_apart_only_the_own_schedules_are_seen(history: Path) -> None:
    with KubeflowApi(multi_user=True) as api:
        flags = ["--endpoint", api.url, "--namespace", "team-a"]
        assert done("create", history, *NIGHTLY, *flags) == 0
        assert only(api)["namespace"] == "team-a"
        assert run(schedule.add, ["schedule", "pause", "nightly", *flags]) == 0


def test_a_collection_each_night_is_told_its_moment_by_kubeflow(api: KubeflowApi) -> None:
    told = ["--data", "s3://pulls/go", "--as-of", "[[ScheduledTime]]", *NIGHTLY]
    assert run(schedule.add, ["schedule", "create", "nightly", "collect", *told]) == 0
    parameters = only(api)["runtime_config"]["parameters"]
    assert parameters["as_of"] == "[[ScheduledTime]]"
    assert parameters["max_repositories"] == 3000
