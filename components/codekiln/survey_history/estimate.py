"""What training on a history would take, guessed from its number of commits alone."""

from dataclasses import dataclass

from codekiln.core.training import plan

COMMITS_PER_SEQUENCE = 6
"""So many commits fill a sequence of 2048 tokens, by experience; tokenize counts the real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A guess; the plan_training phase replaces it by counts."""

    sequences: int
    epochs: int
    batch_size: int
    steps_per_epoch: int
    steps: int
    seconds_per_step: float
    minutes: float


def estimate(unique_commits: int, batch_size: int, seconds_per_step: float) -> Estimate:
    """Estimate sequences, epochs (by the legacy rule), steps and minutes."""
    sequences = max(1, unique_commits // COMMITS_PER_SEQUENCE)
    epochs = plan.legacy_epochs(sequences)
    steps_per_epoch = -(-sequences // batch_size)
    steps = steps_per_epoch * epochs
    return Estimate(
        sequences=sequences,
        epochs=epochs,
        batch_size=batch_size,
        steps_per_epoch=steps_per_epoch,
        steps=steps,
        seconds_per_step=seconds_per_step,
        minutes=round(steps * seconds_per_step / 60, 2),
    )
