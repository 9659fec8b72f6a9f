"""Runs a compiled pipeline on this machine through kfp.local, each step a process of this Python.

Kubeflow's own local runners do not fit (kfp 2.17): the one for processes refuses container
components, and both put each run under a name of the moment, so that nothing can be resumed. So two
parts of kfp.local are replaced while a run lasts: a task's handler, and the name of a run's folder.
"""

import contextlib
import io
import logging
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import yaml
from kfp import components, local
from kfp.local import executor_input_utils, subprocess_task_handler
from kfp.local.status import Status

from codekiln.core.errors import CodekilnError
from codekiln_pipelines import steps
from codekiln_pipelines.console import RunConsole
from codekiln_pipelines.runs import STEPS, Run

PACKAGE = "pipeline.yaml"


class StepFailedError(CodekilnError):
    """A step of the run failed; the run ends with the step's exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep the code of the first step that failed."""
        super().__init__(message)
        self.exit_code = exit_code


class LocalRun:
    """Carries the steps of one run out, or finds them done."""

    def __init__(self, run: Run, console: RunConsole, lock: int) -> None:
        """Work in the folder of `run`, whose package is compiled already."""
        self.run = run
        self.console = console
        self.lock = lock
        self.exit_tasks = exit_tasks(run.folder / PACKAGE)
        self.failed: list[tuple[steps.Step, steps.Result]] = []

    def perform(self, command: list[str]) -> Status:
        """Run the step with the container command `command`, unless it is done already."""
        step = steps.step_of(command)
        # An exit task tells what became of this process's run: it is never old news.
        if step.task not in self.exit_tasks and steps.is_done(step):
            self.console.kept(step)
            return Status.SUCCESS
        try:
            with self.console.step(step) as listen:
                result = steps.run(step, listen, self.lock)
        except KeyboardInterrupt:
            self.console.interrupted(step)
            raise
        if result.exit_code == 0:
            self.console.done(step, result)
            return Status.SUCCESS
        self.failed.append((step, result))
        self.console.failed(step, result)
        return Status.FAILURE


def execute(run: Run, console: RunConsole, lock: int) -> None:
    """Run the package of `run` to its end.

    Raises StepFailedError, after the exit tasks ran, if a step failed.
    """
    work = LocalRun(run, console, lock)
    pipeline = components.load_component_from_file(str(run.folder / PACKAGE))
    try:
        with _kubeflow(work):
            pipeline(**run.parameters)
    except RuntimeError:
        # kfp.local tells a failed step by a bare RuntimeError; `work` knows which and why.
        if not work.failed:
            raise
    if work.failed:
        step, result = work.failed[0]
        # A step that a signal ended has a negative code, which a shell calls 128 + signal.
        code = result.exit_code if result.exit_code > 0 else 128 - result.exit_code
        raise StepFailedError(f"{step.phase} failed", code)


def exit_tasks(package: Path) -> set[str]:
    """Return the tasks of a compiled pipeline that run whatever happened before."""
    root = yaml.safe_load(package.read_text(encoding="utf-8"))["root"]["dag"]["tasks"]
    return {
        name
        for name, task in root.items()
        if any("taskFinalStatus" in told for told in inputs_of(task).values())
    }


def inputs_of(task: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the input parameters of a task of a compiled pipeline."""
    parameters: dict[str, dict[str, Any]] = task.get("inputs", {}).get("parameters", {})
    return parameters


@contextlib.contextmanager
def _kubeflow(work: LocalRun) -> Iterator[None]:
    """Let kfp.local run tasks through `work`, in its folder, without a word of its own."""

    class Handler(subprocess_task_handler.SubprocessTaskHandler):  # type: ignore[misc] # untyped
        """Stands where kfp.local looks for the handler of a process."""

        def __init__(self, full_command: list[str], **_: object) -> None:
            """Keep the command alone: image, environment and runner say nothing here."""
            self.full_command = full_command

        def run(self) -> Status:
            """Run the task."""
            return work.perform(self.full_command)

    local.init(
        runner=local.SubprocessRunner(use_venv=False),
        pipeline_root=str(work.run.folder),
        raise_on_error=True,
    )
    with (
        _replaced(subprocess_task_handler, "SubprocessTaskHandler", Handler),
        _replaced(executor_input_utils, "get_local_pipeline_resource_name", lambda _: STEPS),
        _quiet(),
        _interrupted_by_sigterm(),
    ):
        yield


@contextlib.contextmanager
def _replaced(module: ModuleType, name: str, part: object) -> Iterator[None]:
    """Let `part` stand for `module.name`, for a while."""
    before = getattr(module, name)
    setattr(module, name, part)
    try:
        yield
    finally:
        setattr(module, name, before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep kfp.local's own lines off the terminal: the console tells the same, shorter."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


@contextlib.contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C: the step at work saves what it has."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
