"""Ctrl-C, and a runner that is killed: a step saves what it has, and nothing is left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codekiln_pipelines.local import containers, runs, steps, workers
from codekiln_pipelines.local.containers import LABEL, Containers
from codekiln_pipelines.local.engine import Engine
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.step import Step
from codekiln_pipelines.local.workers import Means

pytestmark = pytest.mark.platform

StepOf = Callable[..., Step]
SAVING = """
import sys, time
try: print("begun", flush=True); time.sleep(600)
except KeyboardInterrupt: open(sys.argv[1], "w").close()
print("saved"); sys.exit(130)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN); print("begun", flush=True); time.sleep(600)
"""


def interrupt(line: str) -> None:
    assert line == "begun"
    raise KeyboardInterrupt


def test_ctrl_c_lets_the_step_save_before_it_goes(worker: Containers, step_of: StepOf) -> None:
    saved = worker.run / "saved"
    step = step_of("python", "-c", SAVING, str(saved))
    with pytest.raises(KeyboardInterrupt):
        steps.run(step, interrupt, worker)
    assert saved.exists()
    assert step.log.read_text() == "begun\nsaved\n"


def test_a_step_that_is_long_at_work_hears_ctrl_c_too(
    worker: Containers, step_of: StepOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "PATIENCE_S", 2.0)
    monkeypatch.setattr(containers, "YOUNG_S", 0.1)
    saved = worker.run / "saved"

    def interrupt_late(line: str) -> None:
        time.sleep(3)
        interrupt(line)

    with pytest.raises(KeyboardInterrupt):
        steps.run(step_of("python", "-c", SAVING, str(saved)), interrupt_late, worker)
    assert saved.exists()


def test_one_that_does_not_go_in_time_is_killed(
    worker: Containers, step_of: StepOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "GRACE_S", 0.5)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        steps.run(step_of("python", "-c", STUBBORN), interrupt, worker)
    assert time.monotonic() - begun < 30


RUNNER = """
import json, sys
from pathlib import Path
from codekiln_pipelines.local import engine, runs, steps
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import Step
from codekiln_pipelines.local.workers import Means
run = runs.load(Path(sys.argv[1]))
package = {"components": {}, "deploymentSpec": {"executors": {}}}
with runs.locked(run) as lock:
    worker = Means(engine=engine.find(sys.argv[2])).worker(run, package, lock)
    step = Step(phase="survey_history", folder=run.steps / "task", command=sys.argv[4:],
                executor_input={}, image=sys.argv[3])
    steps.run(step, lambda line: print(line, flush=True), worker)
"""


@pytest.mark.parametrize(("script", "saves"), [(SAVING, True), (STUBBORN, False)])
def test_a_resumed_run_first_ends_what_a_killed_one_left(
    podman: Engine,
    tmp_path: Path,
    step_of: StepOf,
    script: str,
    saves: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "GRACE_S", 1.0)
    run = runs.create(tmp_path / "runs", "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    saved = run.folder / "saved"
    argv = [str(run.folder), podman.program, step_of().image, "python", "-c", script, str(saved)]
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, *argv], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        assert containers_of(podman, run)
        process.kill()
    with runs.locked(run):
        workers.end_strays(run)
    assert not containers_of(podman, run)
    assert saved.exists() == saves


def test_a_killed_runner_lets_its_step_hear_of_it(
    podman: Engine, tmp_path: Path, step_of: StepOf
) -> None:
    """A container outlives its runner; a training that nobody waits for saves and goes."""
    run = runs.create(tmp_path / "runs", "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    saved = run.folder / "saved"
    script = (
        "import signal, sys, time\n"
        "def save(*_): open(sys.argv[1], 'w').close(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, save); print('begun', flush=True); time.sleep(600)"
    )
    argv = [str(run.folder), podman.program, step_of().image, "python", "-c", script, str(saved)]
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, *argv], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        process.kill()
    for _ in range(300):
        if saved.exists():
            break
        time.sleep(0.1)
    assert saved.exists()
    workers.end_strays(run)
    assert not containers_of(podman, run)


def test_a_run_of_processes_has_no_strays(tmp_path: Path) -> None:
    run = runs.create(tmp_path, "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    Means().worker(run, {}, os.open(tmp_path / "lock", os.O_CREAT))
    assert workers.end_strays(run) == []


def containers_of(podman: Engine, run: Run) -> str:
    told = workers.read(run)
    assert told
    return podman.call("ps", "--all", "--quiet", f"--filter=label={LABEL}={told['label']}")
