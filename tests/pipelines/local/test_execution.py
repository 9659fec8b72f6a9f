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


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ("steps", "/run/steps/collect-pulls"),
        ("steps/for-loop-3-iteration-2", "/run/steps/collect-pulls.2"),
        (
            "steps/for-loop-1-iteration-0/for-loop-2-iteration-11",
            "/run/steps/collect-pulls.0.11",
        ),
    ],
)
def test_the_turns_of_a_loop_lie_beside_the_other_steps(resource: str, place: str) -> None:
    assert execution.place_of("/run", resource, "collect-pulls") == place


def test_the_package_says_in_which_type_a_parameter_is_passed(tmp_path: Path) -> None:
    told = {"data": "/d", "min_stars": "50", "config": "{}"}
    run = runs.create(tmp_path, "collect", told, datetime(2026, 1, 1, tzinfo=UTC))
    packages.compile_into("collect", run.folder / execution.PACKAGE)
    assert execution.arguments(run) == {"data": "/d", "min_stars": 50, "config": "{}"}
