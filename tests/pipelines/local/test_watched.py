"""Ctrl-C for steps in threads, with real processes."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from codekiln_pipelines.local import steps
from codekiln_pipelines.local.processes import Processes
from codekiln_pipelines.local.step import Result, Step
from codekiln_pipelines.local.watched import Watched

SAVES = (
    "import sys, time; from codekiln.core import program; program.obey_runner()\n"
    "try: print('begun', flush=True); time.sleep(60)\n"
    "except KeyboardInterrupt: print('saved')\n"
    "sys.exit(130)"
)
HANGS = (
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "print('begun', flush=True); time.sleep(60)"
)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(Processes(os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)))


def step(folder: Path, turn: int, program: str) -> Step:
    return Step(
        phase="collect_pulls",
        folder=folder / f"collect-pulls.{turn}",
        command=[sys.executable, "-c", program],
        executor_input={"outputs": {}},
    )


class AtWork:
    """Steps in threads, as the turns of a loop are."""

    def __init__(self, folder: Path, watched: Watched, *programs: str) -> None:
        self.results: dict[int, Result] = {}
        self.begun = threading.Semaphore(0)
        self.count = len(programs)
        self.threads = [
            threading.Thread(target=self._run, args=[turn, step(folder, turn, told), watched])
            for turn, told in enumerate(programs)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, turn: int, told: Step, watched: Watched) -> None:
        self.results[turn] = steps.run(told, self._hear, watched)

    def _hear(self, line: str) -> None:
        if line == "begun":
            self.begun.release()

    def until_begun(self) -> None:
        assert all(self.begun.acquire(timeout=30) for _ in range(self.count))

    def ended(self) -> dict[int, Result]:
        for thread in self.threads:
            thread.join(30)
        return self.results


def test_every_step_in_a_thread_is_asked_and_saves(tmp_path: Path, watched: Watched) -> None:
    at_work = AtWork(tmp_path, watched, SAVES, SAVES)
    at_work.until_begun()
    watched.stop()
    assert [result.exit_code for result in at_work.ended().values()] == [130, 130]
    assert (tmp_path / "collect-pulls.1" / "log.txt").read_text().endswith("saved\n")
    assert watched.is_stopping


def test_who_asks_twice_does_not_wait(tmp_path: Path, watched: Watched) -> None:
    at_work = AtWork(tmp_path, watched, HANGS)
    at_work.until_begun()
    begun = time.monotonic()
    watched.stop()
    watched.stop()
    assert at_work.ended()[0].exit_code == -9
    assert time.monotonic() - begun < 20


def test_a_step_that_does_not_go_is_ended_after_its_time(
    tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "GRACE_S", 0.2)
    at_work = AtWork(tmp_path, watched, HANGS)
    at_work.until_begun()
    watched.stop()
    assert at_work.ended()[0].exit_code == -9


def test_a_step_that_starts_too_late_is_asked_at_once(tmp_path: Path, watched: Watched) -> None:
    watched.stop()
    assert AtWork(tmp_path, watched, SAVES).ended()[0].exit_code != 0


def test_a_step_of_the_main_thread_is_left_to_its_own_ctrl_c(
    tmp_path: Path, watched: Watched
) -> None:
    quick = step(tmp_path, 0, "print('done')")
    assert steps.run(quick, lambda _: None, watched).exit_code == 0
