"""What Kubeflow says of a run: its state, and that of each step of its pipeline.

Kubeflow reports a task for every node of its workflow engine: steps, groups of steps, drivers
and pods. A step is found by its name in the package; its driver, NAME-driver, decides what the
step gets, so a driver that failed is a step that failed.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

PENDING, RUNNING, SUCCEEDED = "PENDING", "RUNNING", "SUCCEEDED"
SKIPPED, FAILED, CANCELED = "SKIPPED", "FAILED", "CANCELED"
ENDED = {SUCCEEDED, SKIPPED, FAILED, CANCELED}
"""States that a run does not leave."""
UNKNOWN = "RUNTIME_STATE_UNSPECIFIED"
"""Of a step: that nobody has come to it, or that it was left out after a failure."""

DRIVER = "-driver"
EPOCH = datetime.fromtimestamp(0, UTC)
"""What the server says of a time that is not known."""

_WEIGHT = [UNKNOWN, SKIPPED, SUCCEEDED, PENDING, CANCELED, RUNNING, FAILED]
"""Which of several states of one name counts, the last the most: a loop runs a step many times."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StepState:
    """One step of a run."""

    name: str
    state: str
    seconds: float | None = None
    """How long it has taken, or None if it has not begun or is not finished."""
    done: int = 0
    """How many times it has finished."""
    times: int = 1
    """How many times it runs: more than once in a loop."""
    message: str = ""
    """Why it failed, if the server says so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunState:
    """One run."""

    run_id: str
    name: str
    state: str
    steps: tuple[StepState, ...]
    """In the order in which they began; those that nobody has come to are left out."""
    message: str = ""

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing of this run will change."""
        return self.state in ENDED

    @property
    def failed(self) -> list[StepState]:
        """Return the steps that failed."""
        return [step for step in self.steps if step.state == FAILED]


def of(run: Any, spec: Mapping[str, Any]) -> RunState:
    """Read a run as the API gives it; `spec` is the specification of its pipeline."""
    details = (run.run_details.task_details if run.run_details else None) or []
    return RunState(
        run_id=run.run_id,
        name=run.display_name or "",
        state=run.state or UNKNOWN,
        steps=tuple(steps_of(details, set(step_names(spec)))),
        message=message_of(run),
    )


def step_names(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of every task of a package that runs a container, at any depth."""
    components = spec.get("components", {})
    for component in [spec.get("root", {}), *components.values()]:
        for name, task in component.get("dag", {}).get("tasks", {}).items():
            if "dag" not in components.get(task["componentRef"]["name"], {}):
                yield name


def steps_of(details: Iterable[Any], names: set[str]) -> list[StepState]:
    """Return the steps called `names` that anything is known of, in the order they began."""
    found: dict[str, list[Any]] = {}
    for detail in sorted(details, key=lambda d: known_time(d.start_time) or datetime.now(UTC)):
        name = detail.display_name or ""
        if name in names:
            found.setdefault(name, []).append(detail)
        elif name.removesuffix(DRIVER) in names and detail.state == FAILED:
            found.setdefault(name.removesuffix(DRIVER), []).append(detail)
    steps = [step_of(name, tasks) for name, tasks in found.items()]
    return [step for step in steps if step.state != UNKNOWN]


def step_of(name: str, tasks: list[Any]) -> StepState:
    """Make one step of everything that is reported under its name."""
    state = max((task.state or UNKNOWN for task in tasks), key=weight)
    begun = [time for task in tasks if (time := known_time(task.start_time))]
    ended = [time for task in tasks if (time := known_time(task.end_time))]
    is_over = state in ENDED and begun and ended
    return StepState(
        name=name,
        state=state,
        seconds=(max(ended) - min(begun)).total_seconds() if is_over else None,
        done=sum(task.state in ENDED for task in tasks),
        times=len(tasks),
        message=next(filter(None, map(message_of, tasks)), ""),
    )


def weight(state: str) -> int:
    """Return how much `state` counts among several."""
    return _WEIGHT.index(state) if state in _WEIGHT else _WEIGHT.index(RUNNING)


def message_of(told: Any) -> str:
    """Return why a run or a task failed, or "" where the server does not say."""
    errors = [told.error, *(status.error for status in told.state_history or [])]
    return next((str(error.message) for error in errors if error and error.message), "")


def known_time(time: datetime | None) -> datetime | None:
    """Return `time`, or None where the server means that there is none."""
    return None if time is None or time <= EPOCH else time
