"""Runs a compiled pipeline on this machine through kfp.local, each step carried out by a worker.

Kubeflow's own local runners do not fit (kfp 2.17): the one for processes refuses container
components, the one for Docker calls containers that failed too fast a success, and both put each
run under a name of the moment, so that nothing can be resumed. So parts of kfp.local are replaced
while a run lasts: a task's handler, the name of a run's folder, and the place of a task in it, for
the turns of a loop must lie beside the other steps. Those turns run in threads, two at a time.
"""

import contextlib
import io
import logging
import re
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType

import yaml
from kfp import components, local
from kfp.dsl import base_component
from kfp.local import executor_input_utils, subprocess_task_handler
from kfp.local.status import Status

from codekiln.core.errors import CodekilnError
from codekiln_pipelines import packages
from codekiln_pipelines.local import finished, outcomes, steps
from codekiln_pipelines.local.console import RunConsole
from codekiln_pipelines.local.mirror import Mirror
from codekiln_pipelines.local.runs import STEPS, Run
from codekiln_pipelines.local.step import TURN, Step, Worker, step_of
from codekiln_pipelines.local.watched import Watched

PACKAGE = "pipeline.yaml"


class StepFailedError(CodekilnError):
    """A step of the run failed; the run ends with the step's exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep the code of the first step that failed."""
        super().__init__(message)
        self.exit_code = exit_code


class LocalRun:
    """Carries the steps of one run out, or finds them done."""

    def __init__(
        self, run: Run, console: RunConsole, worker: Worker, mirror: Mirror | None = None
    ) -> None:
        """Work in the folder of `run`, whose package is compiled already."""
        self.run = run
        self.mirror = mirror
        self.console = console
        self.worker = Watched(worker)
        self.tellers = {phase_of(task) for task in exit_tasks(run.folder / PACKAGE)}
        self.failed: list[tuple[Step, int]] = []
        """Steps and their exit codes."""

    def perform(self, step: Step) -> Status:
        """Run `step`, unless it is done already, and copy what it leaves."""
        if self.worker.is_stopping:
            return Status.FAILURE
        # Who tells what became of a run looks at more than its inputs: it is never old news.
        if step.phase not in self.tellers and finished.is_done(step):
            finished.settle(step)
            self.console.kept(step)
        elif self._run(step) == Status.FAILURE:
            return Status.FAILURE
        outcomes.keep(step)
        return self._copied(step)

    def _run(self, step: Step) -> Status:
        try:
            with self.console.step(step) as listen:
                result = steps.run(step, listen, self.worker)
        except KeyboardInterrupt:
            self.console.interrupted(step)
            raise
        if result.exit_code == 0:
            self.console.done(step, result)
            return Status.SUCCESS
        if self.worker.is_stopping:
            self.console.interrupted(step)
            return Status.FAILURE
        self.failed.append((step, result.exit_code))
        self.console.failed(step, result)
        return Status.FAILURE

    def _copied(self, step: Step) -> Status:
        """Copy what a finished step left; where that fails, the run ends here and can go on."""
        try:
            if self.mirror:
                self.mirror.keep(step)
        except CodekilnError as error:
            self.console.say(f"    its outputs could not be copied: {error}")
            self.failed.append((step, error.exit_code))
            return Status.FAILURE
        return Status.SUCCESS


def execute(run: Run, console: RunConsole, worker: Worker, mirror: Mirror | None = None) -> None:
    """Run the package of `run` to its end, its steps carried out by `worker`, copied by `mirror`.

    Raises StepFailedError, after the exit tasks ran, if a step failed.
    """
    work = LocalRun(run, console, worker, mirror)
    pipeline = loaded(run.folder / PACKAGE)
    try:
        with _kubeflow(work):
            pipeline(**arguments(run))
    except RuntimeError:
        # kfp.local tells a failed step by a bare RuntimeError; `work` knows which and why.
        if not work.failed:
            raise
    if work.failed:
        step, code = work.failed[0]
        # A step that a signal ended has a negative code, which a shell calls 128 + signal.
        code = code if code > 0 else 128 - code
        why = steps.failure_of(step.folder)
        raise StepFailedError(f"{step.label} failed{': ' if why else ''}{why}", code)


def arguments(run: Run) -> dict[str, object]:
    """Return the parameters of `run` in the types that its package wants; raises InputError."""
    known = packages.parameters_of(packages.read(run.folder / PACKAGE))
    told = run.parameters.items()
    return {name: packages.typed(name, value, known[name]) for name, value in told}


def loaded(package: Path) -> base_component.BaseComponent:
    """Load a package, its retries left out: here a user sees a failure at once, and resumes."""
    told = packages.read(package)
    nested = [part["dag"] for part in told["components"].values() if "dag" in part]
    for dag in (told["root"]["dag"], *nested):
        for task in dag["tasks"].values():
            task.pop("retryPolicy", None)
    return components.load_component_from_text(yaml.safe_dump(told))


def exit_tasks(package: Path) -> set[str]:
    """Return the tasks of a compiled pipeline that run whatever happened before."""
    root = packages.read(package)["root"]["dag"]["tasks"]
    return {
        name
        for name, task in root.items()
        if task.get("triggerPolicy", {}).get("strategy") == "ALL_UPSTREAM_TASKS_COMPLETED"
    }


def phase_of(task: str) -> str:
    """Return the phase that the task of this name runs: Kubeflow numbers the second of a kind."""
    return re.sub(r"-\d+$", "", task).replace("-", "_")


def place_of(pipeline_root: str, pipeline_resource_name: str, task_resource_name: str) -> str:
    """Return the folder of a task, for a turn of a loop `collect-pulls.2` beside the others.

    The parameters are those of kfp.local's construct_local_task_root.
    """
    turns = re.findall(r"-iteration-(\d+)(?=/|$)", pipeline_resource_name)
    return str(Path(pipeline_root, STEPS, TURN.join([task_resource_name, *turns])))


@contextlib.contextmanager
def _kubeflow(work: LocalRun) -> Iterator[None]:
    """Let kfp.local run tasks through `work`, in its folder, without a word of its own."""

    class Handler(subprocess_task_handler.SubprocessTaskHandler):  # type: ignore[misc] # untyped
        """Stands where kfp.local looks for the handler of a process."""

        def __init__(
            self, image: str, full_command: list[str], env_vars: dict[str, str], **_: object
        ) -> None:
            """Keep what the package says of the container; the runner says nothing here."""
            self.step = step_of(full_command, image, env_vars)

        def run(self) -> Status:
            """Run the task."""
            return work.perform(self.step)

    local.init(
        runner=local.SubprocessRunner(use_venv=False),
        pipeline_root=str(work.run.folder),
        raise_on_error=True,
    )
    with (
        _replaced(subprocess_task_handler, "SubprocessTaskHandler", Handler),
        _replaced(executor_input_utils, "get_local_pipeline_resource_name", lambda _: STEPS),
        _replaced(executor_input_utils, "construct_local_task_root", place_of),
        _quiet(),
        _interruptible(work.worker),
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
def _interruptible(watched: Watched) -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C: the steps at work save what they have, in threads too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        watched.stop()
        raise KeyboardInterrupt

    # Whoever starts this with Ctrl-C ignored, as a shell does in the background, means it.
    heard = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        heard.append(signal.SIGINT)
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
