import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from builders import tokens
from processes import is_gone, soon

from codekiln_pipelines.local import finished, steps
from codekiln_pipelines.local.processes import Processes
from codekiln_pipelines.local.step import Step, step_of


@pytest.fixture
def worker(tmp_path: Path) -> Processes:
    return Processes(os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR))


def planning(tmp_path: Path, ids: int = 60) -> Step:
    """A real step: plan_training over a small token folder."""
    folder = tmp_path / "tokens"
    if not folder.exists():
        tokens(folder, range(ids))
    task = tmp_path / "steps" / "plan-training"
    executor_input = {
        "inputs": {"artifacts": {"tokens": {"artifacts": [{"uri": str(folder)}]}}},
        "outputs": {
            "outputFile": str(task / "executor_output.json"),
            "artifacts": {
                "plan": {"artifacts": [{"uri": str(task / "plan"), "type": {}}]},
                "metrics": {"artifacts": [{"uri": str(task / "metrics"), "type": {}}]},
            },
        },
    }
    return step_of(
        ["python", "-m", "codekiln.plan_training", "--executor-input", json.dumps(executor_input),
         "--tokens", str(folder), "--plan", str(task / "plan"), "--config", ""]
    )  # fmt: skip


def test_a_step_is_read_from_its_command(tmp_path: Path) -> None:
    step = planning(tmp_path)
    assert (step.phase, step.task) == ("plan_training", "plan-training")


def test_a_finished_step_is_done_until_its_input_changes(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path)
    assert not finished.is_done(step)
    result = steps.run(step, lambda _: None, worker)
    assert (result.exit_code, finished.is_done(step)) == (0, True)
    tokens(tmp_path / "tokens", range(90))
    assert not finished.is_done(step)


def test_a_step_whose_output_was_removed_is_not_done(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path)
    steps.run(step, lambda _: None, worker)
    shutil.rmtree(step.folder / "plan")
    assert not finished.is_done(step)


def test_what_a_step_says_is_heard_and_kept(tmp_path: Path, worker: Processes) -> None:
    heard: list[str] = []
    step = planning(tmp_path)
    steps.run(step, heard.append, worker)
    assert heard == step.log.read_text().splitlines()
    assert any("plan_training: done" in line for line in heard)


def test_a_failed_step_says_why(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path, ids=8)
    result = steps.run(step, lambda _: None, worker)
    assert result.exit_code == 2
    assert "one sequence only" in steps.failure_of(step.folder)
    assert not finished.is_done(step)


def test_a_step_that_is_killed_leaves_a_reason(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path)
    killed = Step(
        phase=step.phase, folder=step.folder, executor_input=step.executor_input,
        command=["python", "-c", "import os; os.kill(os.getpid(), 9)"],
    )  # fmt: skip
    assert steps.run(killed, lambda _: None, worker).exit_code == -signal.SIGKILL
    assert "out of memory, most likely" in steps.failure_of(step.folder)
    record = json.loads((step.folder / "failure.json").read_text())
    assert record["seconds"] > 0
    assert record["time"].endswith("+00:00")


def test_a_step_with_a_defect_leaves_its_last_word(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path)
    broken = Step(
        phase=step.phase, folder=step.folder, executor_input=step.executor_input,
        command=["python", "-c", "raise ValueError('a defect')"],
    )  # fmt: skip
    assert steps.run(broken, lambda _: None, worker).exit_code == 1
    assert steps.failure_of(step.folder) == "ValueError: a defect"


def test_ctrl_c_lets_the_step_save_before_it_goes(tmp_path: Path, worker: Processes) -> None:
    step = planning(tmp_path)
    saved = tmp_path / "saved"
    saving = (
        "import sys, time; from codekiln.core import program; program.obey_runner()\n"
        "try: print('begun'); sys.stdout.flush(); time.sleep(60)\n"
        f"except KeyboardInterrupt: open({str(saved)!r}, 'w').close()\n"
        "print('saved'); sys.exit(130)"
    )
    slow = Step(
        phase=step.phase, folder=step.folder, executor_input=step.executor_input,
        command=["python", "-c", saving],
    )  # fmt: skip

    def interrupt(line: str) -> None:
        assert line == "begun"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.run(slow, interrupt, worker)
    assert saved.exists()
    assert slow.log.read_text() == "begun\nsaved\n"


def test_a_step_goes_when_its_runner_is_killed() -> None:
    """The door asks Linux for SIGTERM at the runner's death; a step must not outlive it."""
    runner = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', "
        "'from codekiln.core import program; program.obey_runner();"
        " print(1, flush=True); import time; time.sleep(60)'],"
        " env={**os.environ, 'CODEKILN_RUNNER': 'local'}, stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", runner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        process.kill()
    assert soon(lambda: is_gone(child))
