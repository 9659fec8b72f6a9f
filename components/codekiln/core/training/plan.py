"""How long a run is: epochs, steps, warmup, rate, hours, from counts alone; no torch, no data.

The plan_training phase writes a Plan before money is spent; the train_model phase makes it again
for the hardware that it finds. Both call the same formulas, so that they cannot disagree.
"""

import dataclasses
import json
import math
from pathlib import Path

from codekiln.core.errors import InputError
from codekiln.core.training.settings import (
    EpochCalculation,
    HardwareMonitoring,
    Method,
    Training,
)

NAME = "plan.json"
"""File of a plan inside its folder."""

SHORT_RUN = 10
"""A run under this many times the fewest warmup steps is short; so much of it may warm up."""

BATCH_OF_BASE_RATE = 8
"""The batch for which `base_learning_rate` is given."""

LEGACY_EPOCHS = ((20, 10), (50, 8), (100, 6), (200, 5))
"""The older estimate: under so many sequences, so many epochs; 4 from there on."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What the tokens folder holds: sequences, and its tokens without and with overlap."""

    sequences: int
    unique_tokens: int
    total_tokens: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What a step takes and an hour costs; `dollars_per_hour` 0 where nobody sends a bill."""

    seconds_per_step: float = 1.5
    dollars_per_hour: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One run in figures; the rate is the highest one, at the end of the warmup."""

    method: Method
    sequences: int
    training_sequences: int
    validation_sequences: int
    unique_tokens: int
    total_tokens: int
    target_tokens: int
    epochs: int
    min_epochs: int
    batch_size: int
    accumulation: int
    steps_per_epoch: int
    total_steps: int
    warmup_steps: int
    learning_rate: float
    seconds_per_step: float
    predicted_seconds: float
    predicted_cost: float

    @property
    def predicted_hours(self) -> float:
        """Return the predicted time in hours."""
        return self.predicted_seconds / 3600

    def to_json(self) -> str:
        """Return the plan as a JSON document that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True) + "\n"


def from_json(text: str) -> Plan:
    """Read what `Plan.to_json` wrote; raises InputError on anything else."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"the plan is no JSON ({error}); run plan_training again") from error
    wanted = {field.name for field in dataclasses.fields(Plan)}
    found = set(document) if isinstance(document, dict) else set()
    if found != wanted:
        names = ", ".join(sorted(found ^ wanted))
        raise InputError(f"the plan has keys missing or unknown ({names}); run plan_training again")
    return Plan(**document)


def write(folder: Path, plan: Plan) -> Path:
    """Write `plan` into `folder` and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_text(plan.to_json(), encoding="utf-8")
    return path


def read(folder: Path) -> Plan:
    """Read the plan of `folder`; raises InputError where there is none or it is broken."""
    path = folder / NAME
    if not path.is_file():
        raise InputError(f"{folder} holds no {NAME}: run plan_training first")
    return from_json(path.read_text(encoding="utf-8"))


def plan_run(
    counts: Counts,
    training: Training,
    calculation: EpochCalculation,
    batch_size: int,
    price: Price | None = None,
) -> Plan:
    """Plan a run over `counts` with batches of `batch_size`; raises InputError on too little data.

    `validation_sequences` is what the split leaves of `counts.sequences`; the windows that are
    really cut for validation (training.split) may be one fewer.
    """
    price = price or Price()
    kept = training_count(counts.sequences, training.validation_split)
    epochs = epochs_for(counts, calculation)
    steps = steps_per_epoch(kept, batch_size, training.accumulation)
    seconds = epochs * steps * price.seconds_per_step
    return Plan(
        method=calculation.method,
        sequences=counts.sequences,
        training_sequences=kept,
        validation_sequences=counts.sequences - kept,
        unique_tokens=counts.unique_tokens,
        total_tokens=counts.total_tokens,
        target_tokens=calculation.target_tokens,
        epochs=epochs,
        min_epochs=min(epochs, calculation.min_epochs),
        batch_size=batch_size,
        accumulation=training.accumulation,
        steps_per_epoch=steps,
        total_steps=epochs * steps,
        warmup_steps=warmup_steps(epochs * steps, training),
        learning_rate=learning_rate(training.base_learning_rate, batch_size),
        seconds_per_step=price.seconds_per_step,
        predicted_seconds=seconds,
        predicted_cost=seconds / 3600 * price.dollars_per_hour,
    )


def refit(plan: Plan, training: Training, batch_size: int, training_sequences: int) -> Plan:
    """Return `plan` for the batch and the split that a run really has; its epochs stay."""
    steps = steps_per_epoch(training_sequences, batch_size, training.accumulation)
    seconds = plan.epochs * steps * plan.seconds_per_step
    price = plan.predicted_cost / plan.predicted_seconds if plan.predicted_seconds else 0.0
    return dataclasses.replace(
        plan,
        training_sequences=training_sequences,
        validation_sequences=plan.sequences - training_sequences,
        batch_size=batch_size,
        accumulation=training.accumulation,
        steps_per_epoch=steps,
        total_steps=plan.epochs * steps,
        warmup_steps=warmup_steps(plan.epochs * steps, training),
        learning_rate=learning_rate(training.base_learning_rate, batch_size),
        predicted_seconds=seconds,
        predicted_cost=seconds * price,
    )


def training_count(sequences: int, share: float) -> int:
    """Return how many of the oldest `sequences` train when `share` is held out, one at the least.

    Raises InputError where training and validation cannot both have one.
    """
    if sequences < 1:
        raise InputError(
            "there are 0 sequences to train on; two are needed: use more history or check the "
            "tokens folder"
        )
    if sequences == 1:
        raise InputError(
            "there is one sequence only, and training with validation needs two: use more history "
            "or a smaller window"
        )
    # Half rounds up: 5 sequences at 10 % hold out one, 15 hold out two.
    held_out = max(1, math.floor(sequences * share + 0.5))
    return max(1, sequences - held_out)


def epochs_for(counts: Counts, calculation: EpochCalculation) -> int:
    """Return the number of epochs by the method of `calculation`; raises InputError on no data."""
    if counts.sequences < 1 or counts.total_tokens < 1:
        raise InputError(
            f"the tokens folder holds {counts.sequences} sequences with {counts.total_tokens} "
            "tokens; nothing can be planned: collect or keep more data"
        )
    if calculation.method == "legacy":
        return legacy_epochs(counts.sequences)
    wanted = calculation.target_tokens // counts.total_tokens
    return min(max(wanted, calculation.min_epochs), calculation.max_epochs)


def legacy_epochs(sequences: int) -> int:
    """Return the epochs of the older estimate, by the number of sequences."""
    return next((epochs for under, epochs in LEGACY_EPOCHS if sequences < under), 4)


def steps_per_epoch(training_sequences: int, batch_size: int, accumulation: int) -> int:
    """Return the optimizer steps that read `training_sequences` once; the last may be smaller."""
    return -(-training_sequences // (batch_size * accumulation))


def warmup_steps(total_steps: int, training: Training) -> int:
    """Return the steps over which the rate rises: a share within bounds, a tenth of a short run."""
    share = int(total_steps * training.warmup_ratio)
    steps = min(max(share, training.warmup_steps_min), training.warmup_steps_max)
    if total_steps < SHORT_RUN * training.warmup_steps_min:
        return min(steps, total_steps // SHORT_RUN)
    return steps


def learning_rate(base: float, batch_size: int) -> float:
    """Return the highest rate for `batch_size`: linear, and `base` at a batch of 8."""
    return base * batch_size / BATCH_OF_BASE_RATE


def batch_size(gpu_gib: float | None, training: Training, monitoring: HardwareMonitoring) -> int:
    """Return the sequences a batch for a GPU with `gpu_gib` GiB, or for a CPU (None)."""
    if gpu_gib is None:
        return training.batch_size_cpu
    if gpu_gib >= monitoring.gpu_memory_threshold_large_gb:
        return training.batch_size_large
    if gpu_gib >= monitoring.gpu_memory_threshold_medium_gb:
        return training.batch_size_medium
    return training.batch_size_small
