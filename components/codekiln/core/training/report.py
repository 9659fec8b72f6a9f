"""training_report.json: what a run did, in figures."""

import dataclasses
import math
from pathlib import Path

from codekiln.core.manifest import write_json
from codekiln.core.training.engine import Job, Outcome
from codekiln.core.training.state import Epoch
from codekiln.core.training.trainable import size_of

NAME = "training_report.json"

POINTS = 2_000
"""Longest history in the report; a longer run is told by every n-th step."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One figure over the run: its range over all steps, and its history, one entry a `every`."""

    min: float
    max: float
    final: float
    every: int
    history: list[float]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """Mean cross entropy over targets, in nats: of each step, and of each epoch."""

    training: Series
    validation: Series
    best_training: float
    best_validation: float
    best_epoch: int
    best_step: int
    per_epoch: list[Epoch]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """Where the time went; `seconds` over all starts, without what a kill threw away."""

    seconds: float
    compile_seconds: float
    starts: int
    steps: int
    steps_per_second: float
    tokens: int
    tokens_per_second: float
    model_flops_utilization: float | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """How large the model is."""

    parameters: int
    trained_parameters: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What it ran on, and the highest reading of each sensor."""

    device: str
    name: str
    cpus: int
    ram_gib: float
    gpu_gib: float | None
    precision: str
    compiled: bool
    peaks: dict[str, float]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One finished run."""

    stopped_because: str
    epochs: int
    losses: Losses
    perplexity: float
    gradient_norm: Series
    learning_rate: Series
    timing: Timing
    model: Model
    hardware: Machine
    plan: dict[str, object]
    fingerprint: str
    weights_sha256: str = ""
    """SHA-256 of the file of weights, once it is written: the same for the same run once more."""


def write(folder: Path, report: Report) -> Path:
    """Write `report` into `folder` and return the file."""
    path = folder / NAME
    write_json(path, dataclasses.asdict(report))
    return path


def make(job: Job, outcome: Outcome) -> Report:
    """Tell of the run that `job` described."""
    state = outcome.state
    return Report(
        stopped_because=outcome.reason,
        epochs=len(state.epochs),
        losses=losses_of(outcome),
        perplexity=perplexity(state.standing.best_loss or 0.0),
        gradient_norm=series(state.gradient_norms),
        learning_rate=series(state.learning_rates),
        timing=timing_of(job, outcome),
        model=Model(
            **dict(zip(("parameters", "trained_parameters"), size_of(job.model), strict=True))
        ),
        hardware=machine_of(job, outcome),
        plan=dataclasses.asdict(job.plan),
        fingerprint=state.fingerprint,
    )


def series(values: list[float]) -> Series:
    """Return the range of `values`, and at most POINTS of them."""
    every = max(1, math.ceil(len(values) / POINTS))
    return Series(
        min=min(values), max=max(values), final=values[-1], every=every, history=values[::every]
    )


def perplexity(loss: float) -> float:
    """Return e to the `loss`; infinite where a float cannot hold it."""
    return math.exp(loss) if loss < 700 else math.inf


def losses_of(outcome: Outcome) -> Losses:
    """Gather the losses of a run."""
    state = outcome.state
    return Losses(
        training=series(state.losses),
        validation=series([epoch.validation_loss for epoch in state.epochs]),
        best_training=min(epoch.training_loss for epoch in state.epochs),
        best_validation=state.standing.best_loss or 0.0,
        best_epoch=state.standing.best_epoch,
        best_step=state.standing.best_step,
        per_epoch=state.epochs,
    )


def timing_of(job: Job, outcome: Outcome) -> Timing:
    """Count time and tokens; padding is no token."""
    state = outcome.state
    seconds = max(state.seconds - outcome.compile_seconds, 1e-9)
    tokens = sum(state.targets)
    peak = job.machine.peak_flops
    return Timing(
        seconds=state.seconds,
        compile_seconds=outcome.compile_seconds,
        starts=state.starts,
        steps=state.step,
        steps_per_second=state.step / seconds,
        tokens=tokens,
        tokens_per_second=tokens / seconds,
        model_flops_utilization=tokens / seconds * job.model.flops_per_token() / peak
        if peak
        else None,
    )


def machine_of(job: Job, outcome: Outcome) -> Machine:
    """Describe the machine and how it computed."""
    return Machine(
        device=job.machine.device,
        name=job.machine.name,
        cpus=job.machine.cpus,
        ram_gib=round(job.machine.ram_gib, 2),
        gpu_gib=job.machine.gpu_gib,
        precision=outcome.precision,
        compiled=outcome.compiled,
        peaks=outcome.state.peaks,
    )
