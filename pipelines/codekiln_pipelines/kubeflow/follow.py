"""Following a run of Kubeflow to its end, whatever happens to the connection in between."""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln_pipelines.kubeflow import run_state
from codekiln_pipelines.kubeflow.connection import Kubeflow
from codekiln_pipelines.kubeflow.errors import TokenRefusedError
from codekiln_pipelines.kubeflow.run_state import (
    CANCELED,
    FAILED,
    SKIPPED,
    SUCCEEDED,
    RunState,
    StepState,
)
from codekiln_pipelines.local.console import in_time


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pace:
    """How often to ask, and how long to bear silence."""

    poll_s: float = 3.0
    longest_pause_s: float = 60.0
    patience_s: float = 1800.0
    """How long a server may stay silent, or refuse an expired token, before we give up."""
    limit_s: float | None = None
    """How long to wait for the run in all; None for as long as it takes."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class RunView:
    """Shows a run on standard error: a line for each change, and in a terminal what is at work."""

    def __init__(self, console: Console | None = None) -> None:
        """Write to `console`."""
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._shown: dict[str, tuple[str, int]] = {}
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    @contextlib.contextmanager
    def live(self) -> Iterator[None]:
        """Show steps that are at work as long as this lasts, if somebody looks."""
        if not self.console.is_terminal:
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as self._bars:
            yield
        self._bars = None

    def say(self, text: str) -> None:
        """Say `text` as it stands."""
        self.console.print(escape(text))

    def show(self, run: RunState) -> None:
        """Show what has changed since the last time."""
        for step in run.steps:
            now = (step.state, step.done)
            if self._shown.get(step.name) != now:
                self._shown[step.name] = now
                self._show_step(step)

    def _show_step(self, step: StepState) -> None:
        over = step.state in run_state.ENDED
        if self._bars is not None:
            self._show_bar(step, over=over)
            if not over:
                return
        self.console.print(line_of(step))

    def _show_bar(self, step: StepState, *, over: bool) -> None:
        bars, task = self._bars, self._tasks.pop(step.name, None)
        if bars is None:
            return
        if over and task is not None:
            bars.remove_task(task)
        elif not over:
            label = " ".join(filter(None, [step.name, counted(step), step.state.lower()]))
            if task is None:
                task = bars.add_task(label, total=None)
            bars.update(task, description=label)
            self._tasks[step.name] = task


def line_of(step: StepState) -> str:
    """Return the line that tells of `step`, as markup."""
    sign, words = {
        SUCCEEDED: ("[green]✓[/]", in_time(step.seconds) if step.seconds is not None else ""),
        SKIPPED: ("[dim]-[/]", "skipped"),
        FAILED: ("[red]✗[/]", "[red]failed[/]"),
        CANCELED: ("[yellow]■[/]", "canceled"),
    }.get(step.state, ("…", step.state.lower()))
    told = " ".join(filter(None, [counted(step), words]))
    return f"  {sign} {escape(step.name):<16} {told}".rstrip()


def counted(step: StepState) -> str:
    """Return how far a step of a loop is."""
    return f"{step.done} of {step.times}" if step.times > 1 else ""


def to_the_end(kubeflow: Kubeflow, run_id: str, view: RunView, pace: Pace) -> RunState:
    """Wait until the run ends, showing what changes; faults of the connection are waited out.

    Raises ServiceError when the server stays silent too long or the time is up, NotThereError
    if the run is deleted meanwhile. The run itself goes on in all these cases.
    """
    begun = pace.clock()
    asked = Patient(kubeflow, view, pace)
    spec: Mapping[str, Any] | None = None
    with view.live():
        while True:
            run = asked.run(run_id)
            spec = spec or asked.spec_of(run)
            state = run_state.of(run, spec)
            view.show(state)
            if state.has_ended:
                return state
            if pace.limit_s is not None and pace.clock() - begun >= pace.limit_s:
                raise ServiceError(
                    f"{run_id} has not ended after {in_time(pace.limit_s)}; it goes on, "
                    f"and codekiln follow {run_id} waits further"
                )
            pace.sleep(pace.poll_s)


class Patient:
    """Asks again for as long as patience lasts, and says once that it does."""

    def __init__(self, kubeflow: Kubeflow, view: RunView, pace: Pace) -> None:
        """Ask `kubeflow` at this `pace`."""
        self._kubeflow = kubeflow
        self._view = view
        self._pace = pace

    def run(self, run_id: str) -> Any:
        """Return a run as the API gives it."""
        return self._ask(self._kubeflow.runs.run_service_get_run, run_id)

    def spec_of(self, run: Any) -> Mapping[str, Any]:
        """Return the specification of the pipeline of `run`."""
        source = run.pipeline_spec
        if source is None and run.pipeline_version_reference is not None:
            reference = run.pipeline_version_reference
            get = self._kubeflow.pipelines.pipeline_service_get_pipeline_version
            source = self._ask(
                get, reference.pipeline_id, reference.pipeline_version_id
            ).pipeline_spec
        found: Mapping[str, Any] = source or {}
        inner: Mapping[str, Any] = found.get("pipeline_spec", found)
        return inner

    def _ask(self, call: Callable[..., Any], *arguments: str) -> Any:
        silent_since: float | None = None
        pause_s = self._pace.poll_s
        while True:
            try:
                answer = self._kubeflow.ask(call, *arguments)
            except (ServiceError, TokenRefusedError) as error:
                now = self._pace.clock()
                if silent_since is None:
                    silent_since = now
                    self._view.say(f"  {error}\n  the run goes on; asking again until it answers")
                self._give_up(error, now - silent_since)
            else:
                if silent_since is not None:
                    self._view.say("  Kubeflow answers again")
                return answer
            self._pace.sleep(pause_s)
            pause_s = min(2 * pause_s, self._pace.longest_pause_s)

    def _give_up(self, error: CodekilnError, silent_s: float) -> None:
        """Raise `error` if nothing speaks for another attempt."""
        lasting = isinstance(error, InputError) and not self._kubeflow.access.token_renews
        if lasting or silent_s >= self._pace.patience_s:
            raise error
