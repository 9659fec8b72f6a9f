"""What became of each phase: done, failed, or not run."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

from codekiln.report.status import Ending
from codekiln.report.trail import OWN, Failure, Output, Trail

SUCCESS = "success"
FAILED = "failed"
NOT_RUN = "not run"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """One row of the run."""

    name: str
    status: str
    seconds: float = 0.0
    outputs: tuple[Output, ...] = ()
    failure: Failure | None = None

    @property
    def size(self) -> int:
        """Return the bytes of all outputs."""
        return sum(output.manifest.size for output in self.outputs)

    @property
    def counts(self) -> dict[str, int]:
        """Return what the phase counted."""
        return self.outputs[-1].manifest.counts if self.outputs else {}

    @property
    def last(self) -> Output | None:
        """Return the newest output."""
        return self.outputs[-1] if self.outputs else None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """When a run began, and how long it took from its first start to its last end."""

    started: str
    seconds: float


def judged(named: Sequence[str], trail: Trail, ending: Ending) -> list[Phase]:
    """Return a row for each phase of the pipeline, in running order, and for any other found."""
    found = [output.manifest.phase for output in trail.outputs]
    failures = {f.phase: f for f in trail.failures if not _is_mended(f, trail.of(f.phase))}
    names = [name for name in dict.fromkeys([*named, *found, *failures]) if name != OWN]
    if ending.is_failure and not failures:
        failures |= _guessed(names, set(found), ending)
    return [_row(name, trail.of(name), failures.get(name)) for name in names]


def _is_mended(failure: Failure, outputs: Sequence[Output]) -> bool:
    """Say whether a later attempt succeeded: Kubeflow retries a step where its record lies."""
    return bool(failure.time) and any(o.manifest.started >= failure.time for o in outputs)


def _row(name: str, outputs: Sequence[Output], failure: Failure | None) -> Phase:
    if failure:
        return Phase(name=name, status=FAILED, failure=failure)
    if not outputs:
        return Phase(name=name, status=NOT_RUN)
    seconds = max(output.manifest.seconds for output in outputs)
    return Phase(name=name, status=SUCCESS, seconds=seconds, outputs=_newest(outputs))


def _newest(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Keep, where a phase ran more than once, the outputs of its last run."""
    last = outputs[-1].manifest
    same = [o for o in outputs if o.manifest.settings_digest == last.settings_digest]
    return tuple({output.folder: output for output in same}.values())


def _guessed(names: Sequence[str], done: set[str], ending: Ending) -> dict[str, Failure]:
    """Name the phase that failed where only Kubeflow told of it: a pod takes its record along."""
    said = ending.message.replace("-", "_")
    left = [name for name in names if name not in done]
    named = [name for name in left if name in said] or left
    if not named:
        return {}
    error = ending.message or f"the pipeline ended as {ending.state}"
    return {named[0]: Failure(phase=named[0], error=error, exit_code=1)}


def spanned(outputs: Sequence[Output], now: datetime) -> Times:
    """Return when the first of `outputs` began, and the seconds until the last one ended."""
    if not outputs:
        return Times(started=now.isoformat(timespec="seconds"), seconds=0.0)
    begun = [_moment(output.manifest.started, now) for output in outputs]
    ended = [
        begin + timedelta(seconds=output.manifest.seconds)
        for begin, output in zip(begun, outputs, strict=True)
    ]
    first = min(begun)
    return Times(
        started=first.isoformat(timespec="seconds"),
        seconds=round((max(ended) - first).total_seconds(), 3),
    )


def _moment(text: str, now: datetime) -> datetime:
    """Read an ISO 8601 time; `now` where it is none, so that one broken manifest spoils nothing."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return now
    return told if told.tzinfo else told.replace(tzinfo=now.tzinfo)
