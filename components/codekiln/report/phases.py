"""What became of each phase: done, failed, or not run."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from codekiln.report.status import Ending
from codekiln.report.trail import OWN, Failure, Output, Trail

SUCCESS = "success"
FAILED = "failed"
NOT_RUN = "not run"

LONGEST_S = 1e9
"""Some 30 years; what claims to have lasted longer is broken."""

Span = tuple[datetime, datetime]
"""When an attempt began, and when it ended."""


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

    @property
    def settings(self) -> dict[str, Any]:
        """Return what the phase was told, whatever became of it."""
        if self.failure:
            return self.failure.settings
        return self.last.manifest.settings if self.last else {}

    @property
    def settings_digest(self) -> str:
        """Return the digest of what the phase was told; empty where nothing is known of it."""
        if self.failure:
            return self.failure.settings_digest
        return self.last.manifest.settings_digest if self.last else ""


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
        return Phase(name=name, status=FAILED, seconds=failure.seconds, failure=failure)
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


def spanned(trail: Trail, now: datetime) -> Times:
    """Return when the first attempt of a phase began, and the seconds until the last one ended."""
    spans = [*_finished(trail, now), *_failed(trail, now)]
    if not spans:
        return Times(started=now.isoformat(timespec="seconds"), seconds=0.0)
    first = min(begun for begun, _ in spans)
    last = max(ended for _, ended in spans)
    return Times(
        started=first.isoformat(timespec="seconds"),
        seconds=round((last - first).total_seconds(), 3),
    )


def _finished(trail: Trail, now: datetime) -> Iterator[Span]:
    for output in trail.outputs:
        begun = _moment(output.manifest.started, now)
        yield begun, begun + _lasting(output.manifest.seconds)


def _failed(trail: Trail, now: datetime) -> Iterator[Span]:
    for failure in trail.failures:
        if failure.time:
            ended = _moment(failure.time, now)
            yield ended - _lasting(failure.seconds), ended


def _lasting(seconds: float) -> timedelta:
    """Return `seconds` as a duration; none where a broken record says what no calendar holds."""
    return timedelta(seconds=seconds if 0 <= seconds < LONGEST_S else 0)


def _moment(text: str, now: datetime) -> datetime:
    """Read an ISO 8601 time; `now` where it is none, so that one broken manifest spoils nothing."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return now
    return told if told.tzinfo else told.replace(tzinfo=now.tzinfo)
