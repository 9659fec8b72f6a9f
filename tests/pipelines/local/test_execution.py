from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from codekiln_pipelines import packages
from codekiln_pipelines.local import execution, runs
from codekiln_pipelines.local.console import RunConsole
from codekiln_pipelines.local.processes import Processes


def test_a_fault_outside_every_step_is_not_called_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a fault of the runner")

    run = runs.create(tmp_path, "history", {"repository": "/r"}, datetime(2026, 1, 1, tzinfo=UTC))
    packages.compile_into("history", run.folder / execution.PACKAGE)
    monkeypatch.setattr(execution.LocalRun, "perform", break_down)
    with runs.locked(run) as lock, pytest.raises(RuntimeError, match="a fault of the runner"):
        execution.execute(run, RunConsole(), Processes(lock))


def test_a_step_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    """A cluster tries again after minutes; whoever sits before a laptop sees why at once."""
    package = tmp_path / "pipeline.yaml"
    packages.compile_into("history", package)
    told = packages.read(package)
    told["root"]["dag"]["tasks"]["report"]["retryPolicy"] = {"maxRetryCount": 3}
    package.write_text(yaml.safe_dump(told))
    spec = execution.loaded(package).pipeline_spec
    assert not any(task.retry_policy.max_retry_count for task in spec.root.dag.tasks.values())
