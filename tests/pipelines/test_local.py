from datetime import UTC, datetime
from pathlib import Path

import pytest

from codekiln_pipelines import local, packages, runs
from codekiln_pipelines.console import RunConsole


def test_a_fault_outside_every_step_is_not_called_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a fault of the runner")

    run = runs.create(tmp_path, "history", {"repository": "/r"}, datetime(2026, 1, 1, tzinfo=UTC))
    packages.compile_into("history", run.folder / local.PACKAGE)
    monkeypatch.setattr(local.LocalRun, "perform", break_down)
    with runs.locked(run) as lock, pytest.raises(RuntimeError, match="a fault of the runner"):
        local.execute(run, RunConsole(), lock)
