"""A step as a process: how it ended is heard once, by whoever waits for it."""

import os
import sys
from pathlib import Path

import pytest
from processes import is_gone, soon

from codekiln_pipelines.local.processes import Processes
from codekiln_pipelines.local.step import Step


@pytest.fixture
def steps(tmp_path: Path) -> Processes:
    return Processes(os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR))


def step(folder: Path, program: str) -> Step:
    command = [sys.executable, "-c", program]
    return Step(phase="x", folder=folder, command=command, executor_input={"outputs": {}})


def test_one_that_ends_while_it_is_asked_to_stop_still_tells_how(
    steps: Processes, tmp_path: Path
) -> None:
    """Of an end the kernel tells once; who asks or kills must not be the one who hears of it."""
    with steps.work(step(tmp_path, "raise SystemExit(3)")) as work:
        assert soon(lambda: is_gone(work.process.pid))
        work.ask_to_stop()
        work.kill()
        ending = work.ending()
    assert ending.exit_code == 3
    assert ending.cpu_seconds


def test_one_that_has_gone_hears_nothing(steps: Processes, tmp_path: Path) -> None:
    with steps.work(step(tmp_path, "pass")) as work:
        assert work.ending().exit_code == 0
        work.ask_to_stop()
        work.kill()


def test_to_kill_one_is_to_kill_all_that_it_started(steps: Processes, tmp_path: Path) -> None:
    child = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    with steps.work(step(tmp_path, child)) as work:
        assert work.process.stdout
        pid = int(work.process.stdout.readline())
        work.kill()
        assert work.ending().exit_code == -9
    assert soon(lambda: is_gone(pid))
