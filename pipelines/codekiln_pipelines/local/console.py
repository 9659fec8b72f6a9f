"""What a person sees of a local run: one line a finished step, a live bar for the one at work."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from codekiln.core import manifest, progress
from codekiln.core.bars import bars
from codekiln.core.errors import InputError, printable
from codekiln.core.program import in_words
from codekiln_pipelines.local.step import Listener, Result, Step, folders_of
from codekiln_pipelines.local.steps import failure_of, tail

NOTE_EVERY_S = 30.0
"""How often a run without a terminal says how far its step is."""
COUNTS = 8
"""Counts of a finished step that its line has room for."""


class RunConsole:
    """Tells the story of a run on standard error; in a pipe or a log it tells it in plain lines."""

    def __init__(self, console: Console | None = None, *, verbose: bool = False) -> None:
        """Write to `console`; with `verbose`, also every line that a step says."""
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self.verbose = verbose
        self._noted: dict[Path, float] = {}
        self._bars: Progress | None = None
        self._lock = threading.RLock()

    def begin(self, pipeline: str, folder: Path, parameters: dict[str, str]) -> None:
        """Say what is about to run."""
        told = " ".join(f"{k}={v}" for k, v in parameters.items() if v and k != "config")
        self.console.print(f"[bold]{pipeline}[/] {shown(told)}\n  in {shown(str(folder))}")

    @contextlib.contextmanager
    def step(self, step: Step) -> Iterator[Listener]:
        """Show `step` while it runs; yields what is to be called with each of its lines."""
        if not self.console.is_terminal:
            self.console.print(f"  … {step.label}")
            since = time.monotonic()
            yield lambda line: self._note(step, line, since)
            return
        with self._bar(step) as (shown, task):
            yield lambda line: self._hear(line, shown, task)

    @contextlib.contextmanager
    def _bar(self, step: Step) -> Iterator[tuple[Progress, TaskID]]:
        """Show a bar, below those of steps that are at work at the same time."""
        with self._lock:
            if self._bars is None:
                self._bars = bars(self.console)
                self._bars.start()
            shown = self._bars
            task = shown.add_task(step.label, total=None, unit="", note="")
        try:
            yield shown, task
        finally:
            with self._lock:
                shown.remove_task(task)
                if not shown.tasks:
                    shown.stop()
                    self._bars = None

    def _note(self, step: Step, line: str, since: float) -> None:
        """Say a line, or, where there is no terminal, how far the step is, now and then."""
        if not line.startswith(progress.MARK):
            self._say(line)
            return
        now = time.monotonic()
        if now - self._noted.get(step.folder, since) >= NOTE_EVERY_S:
            self._noted[step.folder] = now
            told = "{done} of {total} {unit} {note}".format(**json.loads(_record(line)))
            turn = step.label.removeprefix(step.phase)
            self.console.print(f"    {in_time(now - since)}{turn}: {shown(told)}")

    def _hear(self, line: str, live: Progress, task: TaskID) -> None:
        if line.startswith(progress.MARK):
            live.update(task, **_shown(line))
        else:
            self._say(line)

    def _say(self, line: str) -> None:
        if self.verbose and not line.startswith(progress.MARK):
            self.console.print(f"    {shown(line)}", style="dim")

    def done(self, step: Step, result: Result) -> None:
        """Say that `step` is finished, and what it counted."""
        counted = shown(counts_of(step))
        self.console.print(
            f"  [green]✓[/] {step.label:<16} {in_time(result.seconds):>8}  {counted}"
        )

    def kept(self, step: Step) -> None:
        """Say that `step` was finished by an earlier process."""
        counted = shown(counts_of(step))
        self.console.print(f"  [green]✓[/] {step.label:<16} {'kept':>8}  {counted}")

    def failed(self, step: Step, result: Result) -> None:
        """Say that `step` failed, why, and where its log is."""
        why = failure_of(step.folder)
        self.console.print(
            f"  [red]✗[/] {step.label:<16} {in_time(result.seconds):>8}  "
            f"[red]failed with exit code {result.exit_code}[/]\n    {shown(why)}"
        )
        if "Traceback" in "".join(tail(step.log, 60)):
            self.console.print("    this is a defect of codekiln; please report it with the log")
        self.console.print(f"    log: {shown(str(step.log))}")

    def interrupted(self, step: Step) -> None:
        """Say that `step` was interrupted, and what it saved."""
        saved = failure_of(step.folder) or "interrupted; it begins anew when the run is resumed"
        self.console.print(f"  [yellow]■[/] {step.label:<16} {shown(saved)}")

    def say(self, text: str) -> None:
        """Say `text` as it stands."""
        self.console.print(escape(text))


def shown(text: str) -> str:
    """Return `text` as it stands for a console: it neither acts on the terminal nor is markup."""
    return escape(printable(text))


def _record(line: str) -> str:
    """Return the JSON of a progress record."""
    return line.removeprefix(progress.MARK)


def _shown(line: str) -> dict[str, Any]:
    """Read one progress record as what a bar shows."""
    told = json.loads(_record(line))
    return {
        "completed": told["done"],
        "total": told["total"],
        "unit": shown(told["unit"]),
        "note": shown(told["note"]),
    }


def counts_of(step: Step) -> str:
    """Return the first counts of the outputs of `step` in words; its manifest has them all."""
    for folder in folders_of(step):
        with contextlib.suppress(InputError):
            counts = manifest.read(folder).counts
            more = ", …" if len(counts) > COUNTS else ""
            return in_words(dict(islice(counts.items(), COUNTS))) + more
    return ""


def in_time(seconds: float) -> str:
    """Say a time as a person would: 0.8 s, 42 s, 3:07, 2:03:07."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    form = "%M:%S" if seconds < 3600 else "%H:%M:%S"
    return time.strftime(form, time.gmtime(seconds)).lstrip("0")
