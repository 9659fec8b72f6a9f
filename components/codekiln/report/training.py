"""What training_report.json and samples.json tell, as far as a page needs it.

Only the fields that are shown are read, and each may be missing: a report of another model, or of
another version, still gives the curves that it has. core.training.report writes the document, but
needs torch, which this image does without.
"""

import math
from typing import Any

from pydantic import BaseModel, TypeAdapter

from codekiln.core.page import words
from codekiln.core.page.smoothing import smoothed
from codekiln.report.charts import Chart, Look, Series, draw

NAME = "training_report.json"
SAMPLES = "samples.json"


class Told(BaseModel):
    """One figure over the run: its range over all steps, its history with an entry each `every`."""

    min: float = math.nan
    max: float = math.nan
    final: float = math.nan
    every: int = 1
    history: list[float] = []

    @property
    def points(self) -> list[tuple[float, float]]:
        """Return step (counted from 1) and value of each entry."""
        return [(1.0 + n * self.every, value) for n, value in enumerate(self.history)]


class Epoch(BaseModel):
    """One finished epoch; losses in nats a token."""

    epoch: int
    step: int
    training_loss: float
    validation_loss: float


class Losses(BaseModel):
    """Training and validation losses, and the best epoch."""

    training: Told = Told()
    best_training: float = math.nan
    best_validation: float = math.nan
    best_epoch: int = 0
    best_step: int = 0
    per_epoch: list[Epoch] = []


class Timing(BaseModel):
    """Where the time of the training went."""

    seconds: float = 0.0
    compile_seconds: float = 0.0
    starts: int = 1
    steps: int = 0
    tokens: int = 0
    tokens_per_second: float = 0.0
    model_flops_utilization: float | None = None


class Model(BaseModel):
    """How large the model is."""

    parameters: int = 0


class Machine(BaseModel):
    """What the training ran on."""

    device: str = ""
    name: str = ""
    cpus: int = 0
    ram_gib: float = 0.0
    gpu_gib: float | None = None
    precision: str = ""
    peaks: dict[str, float] = {}


class Training(BaseModel):
    """One finished training."""

    stopped_because: str = ""
    epochs: int = 0
    losses: Losses = Losses()
    perplexity: float = math.nan
    gradient_norm: Told = Told()
    learning_rate: Told = Told()
    timing: Timing = Timing()
    model: Model = Model()
    hardware: Machine = Machine()
    weights_sha256: str = ""


class Sample(BaseModel):
    """A text: what the model was given, and what it wrote."""

    prompt: str = ""
    text: str
    ended: bool = False


def read(document: dict[str, Any]) -> Training | None:
    """Read a training report; None if there is none, ValueError if it is broken."""
    return Training.model_validate(document) if document else None


def read_samples(document: Any) -> list[Sample]:
    """Read the texts that a model wrote; raises ValueError if they are broken."""
    return TypeAdapter(list[Sample]).validate_python(document or [])


def charts(training: Training) -> list[Chart]:
    """Draw the curves of `training` that have points."""
    drawn = [loss(training), perplexity(training), rate(training), gradient(training)]
    return [chart for chart in drawn if chart]


def loss(training: Training) -> Chart | None:
    """Draw the loss of each step, and of each epoch for training and validation."""
    losses = training.losses
    steps = losses.training.points
    smooth = list(zip((x for x, _ in steps), smoothed([y for _, y in steps]), strict=True))
    held_out = [(float(e.step), e.validation_loss) for e in losses.per_epoch]
    drawn = [
        Series(name="each step", points=steps, style="faint"),
        Series(name="training", points=smooth, style="first"),
        Series(name="validation", points=held_out, style="second", has_dots=True),
    ]
    return draw(drawn, Look(title="Loss, nats a token", x_title="step"), _best(training))


def perplexity(training: Training) -> Chart | None:
    """Draw e to the loss of each epoch."""
    told = training.losses.per_epoch
    drawn = [
        Series(
            name="training", style="first", has_dots=True,
            points=[(float(e.step), exp(e.training_loss)) for e in told],
        ),
        Series(
            name="validation", style="second", has_dots=True,
            points=[(float(e.step), exp(e.validation_loss)) for e in told],
        ),
    ]  # fmt: skip
    look = Look(title="Perplexity, logarithmic scale", x_title="step", log=True, show=words.short)
    return draw(drawn, look, _best(training))


def rate(training: Training) -> Chart | None:
    """Draw the learning rate of each step."""
    series = Series(name="learning rate", points=training.learning_rate.points, style="first")
    return draw([series], Look(title="Learning rate", x_title="step", from_zero=True))


def gradient(training: Training) -> Chart | None:
    """Draw the norm of the gradient of each step, before clipping."""
    series = Series(name="gradient norm", points=training.gradient_norm.points, style="first")
    return draw(
        [series], Look(title="Gradient norm, before clipping", x_title="step", from_zero=True)
    )


def _best(training: Training) -> tuple[float, str] | None:
    losses = training.losses
    return (losses.best_step, f"best: epoch {losses.best_epoch}") if losses.best_step else None


def exp(value: float) -> float:
    """Return e to the `value`; infinite where a float cannot hold it."""
    return math.exp(value) if value < 700 else math.inf
