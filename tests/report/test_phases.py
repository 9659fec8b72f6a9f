"""What became of each phase."""

import dataclasses
import math
from datetime import UTC, datetime
from pathlib import Path

import builders
import pytest

from codekiln.core import manifest, outputs
from codekiln.core.storage.local import LocalFolder
from codekiln.report.advice import advice_on
from codekiln.report.phases import Phase, judged, spanned
from codekiln.report.status import Ending
from codekiln.report.trail import Failure, Trail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STOPPED = Ending(state="FAILED", message="Task mine-commits failed")


def finish(root: Path, phase: str) -> None:
    folder = root / "deep" / "down" / phase
    folder.mkdir(parents=True)
    builders.finish(folder, phase, {})


def statuses(root: Path, ending: Ending, *names: str) -> dict[str, str]:
    trail = Trail(LocalFolder(root))
    return {phase.name: phase.status for phase in judged(names, trail, ending)}


def test_phases_come_in_running_order_wherever_their_outputs_lie(tmp_path: Path) -> None:
    finish(tmp_path, "b")
    finish(tmp_path, "extra")
    told = statuses(tmp_path, Ending(), "a", "b", "c")
    assert list(told.items()) == [
        ("a", "not run"), ("b", "success"), ("c", "not run"), ("extra", "success"),
    ]  # fmt: skip


def test_a_record_of_failure_is_believed_before_kubeflow(tmp_path: Path) -> None:
    record = {"phase": "tokenize", "error": "no", "exit_code": 2}
    manifest.write_json(tmp_path / "failure.json", record)
    told = statuses(tmp_path, STOPPED, "mine_commits", "tokenize")
    assert told == {"mine_commits": "not run", "tokenize": "failed"}


@pytest.mark.parametrize(
    ("failed_at", "status"),
    [("2025-12-31T23:59:59+00:00", "success"), ("2026-01-01T00:00:05+00:00", "failed")],
)
def test_a_failure_counts_unless_a_later_attempt_succeeded(
    tmp_path: Path, failed_at: str, status: str
) -> None:
    finish(tmp_path, "tokenize")  # begun at 2026-01-01T00:00:00
    told = {"phase": "tokenize", "error": "no", "exit_code": 75, "time": failed_at}
    manifest.write_json(tmp_path / "deep" / "failure.json", told)
    assert statuses(tmp_path, Ending(state="SUCCEEDED"), "tokenize") == {"tokenize": status}


def test_the_last_words_of_a_step_come_from_its_record_where_no_log_is_kept(
    tmp_path: Path,
) -> None:
    told = {"phase": "tokenize", "error": "no", "exit_code": 2, "log": ["one", "two"]}
    manifest.write_json(tmp_path / "failure.json", told)
    assert Trail(LocalFolder(tmp_path)).failures[0].log == ("one", "two")


def test_kubeflow_may_name_the_phase_else_the_first_that_is_not_done(tmp_path: Path) -> None:
    names = ("survey_history", "mine_commits", "tokenize")
    assert statuses(tmp_path, STOPPED, *names)["mine_commits"] == "failed"
    assert statuses(tmp_path, Ending(state="FAILED"), *names)["survey_history"] == "failed"


def test_a_run_lasts_from_its_first_start_to_its_last_end(tmp_path: Path) -> None:
    finish(tmp_path, "a")
    times = spanned(Trail(LocalFolder(tmp_path)), NOW)
    assert (times.started, times.seconds) == ("2026-01-01T00:00:00+00:00", 1.0)
    assert spanned(Trail(None), NOW).seconds == 0


def test_the_time_of_a_phase_that_failed_is_part_of_the_run(tmp_path: Path) -> None:
    finish(tmp_path, "a")
    failure = outputs.Failure(
        phase="b", error="no", exit_code=75, time="2026-01-01T02:00:00+00:00", seconds=7000.0
    )
    manifest.write_json(tmp_path / "failure.json", dataclasses.asdict(failure))
    trail = Trail(LocalFolder(tmp_path))
    assert spanned(trail, NOW).seconds == 7200.0
    assert [phase.seconds for phase in judged(["a", "b"], trail, Ending())] == [1.0, 7000.0]


@pytest.mark.parametrize("seconds", [math.inf, math.nan, -1.0])
def test_a_duration_that_is_none_never_fails_the_report(tmp_path: Path, seconds: float) -> None:
    failure = outputs.Failure(
        phase="b", error="no", exit_code=75, time="2026-01-01T02:00:00+00:00", seconds=seconds
    )
    manifest.write_json(tmp_path / "failure.json", dataclasses.asdict(failure))
    assert spanned(Trail(LocalFolder(tmp_path)), NOW).seconds == 0


@pytest.mark.parametrize(
    ("code", "word"), [(2, "mend"), (75, "may pass"), (-9, "memory"), (137, "memory"), (1, "log")]
)
def test_advice_follows_from_the_exit_code(code: int, word: str) -> None:
    failure = Failure(phase="a", error="no", exit_code=code)
    assert word in advice_on(Phase(name="a", status="failed", failure=failure))
    assert advice_on(None) == ""
