"""When further epochs are not worth their price, and which epoch was the best."""

import dataclasses
from typing import Literal

from codekiln.core.training.settings import Training

Reason = Literal["all epochs done", "no better validation loss"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the epochs so far have shown; epochs count from 1, None before the first."""

    best_loss: float | None = None
    best_epoch: int = 0
    best_step: int = 0
    mark: float | None = None
    """The loss that must be beaten by `min_delta`; small gains do not lower it."""
    stale_epochs: int = 0
    """Epochs since `mark` was beaten."""


def judged(standing: Standing, loss: float, epoch: int, step: int, min_delta: float) -> Standing:
    """Return the standing after `epoch` ended at `step` with the validation `loss`."""
    gained = standing.mark is None or loss < standing.mark - min_delta
    best = standing.best_loss is None or loss < standing.best_loss
    return Standing(
        best_loss=loss if best else standing.best_loss,
        best_epoch=epoch if best else standing.best_epoch,
        best_step=step if best else standing.best_step,
        mark=loss if gained else standing.mark,
        stale_epochs=0 if gained else standing.stale_epochs + 1,
    )


def reason_to_stop(
    standing: Standing, epochs_done: int, epochs: int, min_epochs: int, training: Training
) -> Reason | None:
    """Say why the run ends after `epochs_done`, or None to go on; never before `min_epochs`."""
    if epochs_done >= epochs:
        return "all epochs done"
    if epochs_done >= min_epochs and standing.stale_epochs >= training.patience:
        return "no better validation loss"
    return None
