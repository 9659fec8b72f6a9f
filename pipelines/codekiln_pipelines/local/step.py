"""What a step of a local run is, who can carry it out, and how it ends.

A worker is a process (processes.py) or a container (containers.py); steps.py runs either.
"""

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

LOG = "log.txt"
STEP = "step.json"
TURN = "."
"""Stands between the name of a task and the number of its turn in a loop: collect-pulls.2."""

GOOD_NEIGHBOR = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait sleep: on a machine with other work, spinning ones made training 3x slower."""

OBEDIENT = {"CODEKILN_RUNNER": "local", "PYTHONUNBUFFERED": "1"}
"""The step hears Ctrl-C, says how far it is in records, and says it at once."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """What Kubeflow's local runner asks to be run."""

    phase: str
    folder: Path
    command: Sequence[str]
    executor_input: dict[str, Any]
    image: str = ""
    """The image that the package names; a process has no use for it."""
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Variables that the package sets."""

    @property
    def told(self) -> dict[str, Any]:
        """Return the values of the parameters of the step."""
        values: dict[str, Any] = self.executor_input.get("inputs", {}).get("parameterValues", {})
        return values

    @property
    def run(self) -> Path:
        """Return the folder of the run."""
        return self.folder.parents[1]

    @property
    def task(self) -> str:
        """Return the name of the task in the pipeline."""
        return self.folder.name

    @property
    def component(self) -> str:
        """Return the name of the component that the task runs: of each turn of a loop the same."""
        return self.task.partition(TURN)[0]

    @property
    def label(self) -> str:
        """Return what a person reads: the phase, and which turn of a loop it is."""
        return self.phase + self.task.removeprefix(self.component)

    @property
    def log(self) -> Path:
        """Return the file that keeps what the step said."""
        return self.folder / LOG


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """How a step ended."""

    digest: str
    """What digest_of said; nothing for a failed step, which is never kept."""
    outputs: list[str]
    """The names of its output folders, each with a manifest."""
    exit_code: int
    seconds: float
    cpu_seconds: float | None
    max_rss_mib: float | None
    image: str
    """The digest of the image that it ran in; nothing for a process."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ending:
    """How the work on a step ended, as its worker saw it; what it cannot know is None."""

    exit_code: int
    """Negative where a signal ended a process, as in subprocess."""
    cpu_seconds: float | None = None
    max_rss_mib: float | None = None
    image: str = ""
    reason: str = ""
    """Why it failed, where the worker knows better than the step."""


class Work(Protocol):
    """A step at work."""

    process: subprocess.Popen[str]
    """What the step says comes out of it, until the step ends: the step itself, or its client."""

    def ask_to_stop(self) -> None:
        """Ask the step to save what it has and go; one that has gone hears nothing."""

    def kill(self) -> None:
        """End the step at once."""

    def ending(self) -> Ending:
        """Wait for the step, which has closed its output, and say how it ended."""


class Worker(Protocol):
    """Carries out the steps of a run."""

    def work(self, step: Step) -> AbstractContextManager[Work]:
        """Start `step`; raises NotStartedError. Leaving the block leaves nothing of it behind."""


class NotStartedError(Exception):
    """A worker could not start a step."""

    def __init__(self, reason: str, exit_code: int) -> None:
        """Keep the reason, and the exit code that the step ends with."""
        super().__init__(reason)
        self.ending = Ending(exit_code=exit_code, reason=reason)


Listener = Callable[[str], None]
"""Called with each line that a step says."""


def step_of(
    command: Sequence[str], image: str = "", environment: Mapping[str, str] | None = None
) -> Step:
    """Read the phase and the folder of a step from the command of its container."""
    executor_input = json.loads(command[command.index("--executor-input") + 1])
    folder = Path(executor_input["outputs"]["outputFile"]).parent
    phase = command[command.index("-m") + 1].removeprefix("codekiln.")
    return Step(
        phase=phase,
        folder=folder,
        command=command,
        executor_input=executor_input,
        image=image,
        environment=environment or {},
    )


def outputs_of(step: Step) -> Iterator[str]:
    """Yield the names of the output folders of a step; metrics and pages are not folders."""
    for name, listed in step.executor_input["outputs"].get("artifacts", {}).items():
        if Path(listed["artifacts"][0]["uri"]).is_dir():
            yield name


def folders_of(step: Step) -> Iterator[Path]:
    """Yield the output folders of a step."""
    for name in outputs_of(step):
        yield Path(step.executor_input["outputs"]["artifacts"][name]["artifacts"][0]["uri"])
