"""Forward and backward passes: what a batch adds to the loss and the gradient of a step."""

import dataclasses
import math
from collections.abc import Iterable, Sequence

import torch

from codekiln.core.training.compilation import Losses
from codekiln.core.training.trainable import Batch, Trainable


@dataclasses.dataclass
class Passes:
    """A model on a device, computing in `dtype`; `losses` is the model, compiled or not."""

    model: Trainable
    device: torch.device
    dtype: torch.dtype

    def __post_init__(self) -> None:
        """Start uncompiled."""
        self.losses: Losses = self.model

    def targets(self, batches: Sequence[Batch]) -> dict[str, int]:
        """Count the targets of each loss over all `batches` of a step."""
        counts = dict.fromkeys(self.model.loss_weights, 0)
        for batch in batches:
            for name, count in self.model.targets(batch).items():
                counts[name] += count
        return counts

    def backward(self, batch: Batch, counts: dict[str, int]) -> torch.Tensor:
        """Add the gradient of `batch` to that of its step; return its share of the loss.

        `counts` are the targets of the whole step, so that shares add up to a mean.
        """
        sums = self.sums(batch, self.losses)
        weights = self.model.loss_weights
        shares = [sums[name] * (weights[name] / n) for name, n in counts.items() if n]
        loss = torch.stack(shares).sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss.detach()

    @torch.no_grad()
    def mean_loss(self, batches: Iterable[Batch]) -> float:
        """Return the weighted mean loss over all targets of `batches`, each target once."""
        totals: dict[str, list[float]] = {name: [] for name in self.model.loss_weights}
        counts = dict.fromkeys(totals, 0)
        for batch in batches:
            # Not compiled: evaluation would compile the model a second time.
            sums = self.sums(batch, self.model)
            for name, count in self.model.targets(batch).items():
                counts[name] += count
                totals[name] += [float(sums[name])] if count else []
        weights = self.model.loss_weights
        return sum(weights[n] * math.fsum(totals[n]) / counts[n] for n in counts if counts[n])

    def sums(self, batch: Batch, losses: Losses) -> dict[str, torch.Tensor]:
        """Return the sum of each loss over its targets in `batch`."""
        moved = {name: held.to(self.device, non_blocking=True) for name, held in batch.items()}
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            return losses(moved)
