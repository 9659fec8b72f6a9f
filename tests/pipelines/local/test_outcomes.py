from datetime import UTC, datetime
from pathlib import Path

import builders
import pytest

from codekiln.core.storage.objects import open_store
from codekiln_pipelines.local import outcomes, run, runs
from codekiln_pipelines.local.console import RunConsole
from codekiln_pipelines.local.mirror import Mirror
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.step import Step


@pytest.fixture
def made(tmp_path: Path) -> Run:
    """A run in which a step left a page."""
    told = runs.create(tmp_path / "runs", "collect", {}, datetime(2026, 1, 1, tzinfo=UTC))
    ledger = told.steps / "reconcile-pulls" / "ledger"
    ledger.mkdir(parents=True)
    (ledger / "ledger.html").write_text("the page")
    builders.finish(ledger, "reconcile_pulls", {})
    return told


def step(made: Run, task: str) -> Step:
    return Step(phase="any", folder=made.steps / task, command=[], executor_input={})


def test_what_a_person_looks_for_lies_at_the_top_once_its_step_is_done(made: Run) -> None:
    outcomes.keep(step(made, "collect-pulls.2"))
    assert not (made.folder / "ledger.html").exists()
    outcomes.keep(step(made, "reconcile-pulls"))
    assert (made.folder / "ledger.html").read_text() == "the page"
    assert not (made.folder / "report.html").exists()


def test_what_has_no_manifest_is_no_outcome(made: Run) -> None:
    (made.steps / "reconcile-pulls" / "ledger" / "manifest.json").unlink()
    outcomes.keep(step(made, "reconcile-pulls"))
    assert not (made.folder / "ledger.html").exists()


def test_an_old_page_is_no_outcome_of_a_run_that_failed_since(
    made: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Mirror(open_store(str(tmp_path / "copy")), made.folder)
    outcomes.keep(step(made, "reconcile-pulls"))
    run.publish(made, copy, RunConsole())
    assert str(made.folder / "ledger.html") in capsys.readouterr().err
    assert (tmp_path / "copy" / "ledger.html").is_file()
    outcomes.clear(made)
    run.publish(made, copy, RunConsole())
    assert "ledger.html" not in capsys.readouterr().err
    assert not (tmp_path / "copy" / "ledger.html").exists()
