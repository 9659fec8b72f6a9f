"""The loss of a language model without the logits of the whole batch.

Logits of 8 x 2048 positions over 50,257 ids take 3.3 GB, and cross entropy wants them three times.
Here a slice of positions is multiplied out, its loss and its gradient are taken at once, and the
slice is forgotten; no slice is computed twice. Shapes: hidden (positions, channels), table
(ids, channels), target (positions).
"""

from typing import Any

import torch

from codekiln.core.training.trainable import IGNORED

SLICE_VALUES = {"cpu": 4 << 20, "cuda": 64 << 20}
"""Logits of a slice: 16 MiB in float32 fit a CPU's last-level cache, which was measured best; a
GPU wants large products."""


class SlicedCrossEntropy(torch.autograd.Function):
    """Sum of -log softmax(hidden @ table.T) at the targets, gradients taken on the way.

    The softmax gives both: one exponential a logit, where a logarithm of it would need a second.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, table: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        """Return the sum, as a float32 scalar; every target counts."""
        total = hidden.new_zeros((), dtype=torch.float32)
        weight = table.to(hidden.dtype)
        parts = slices(len(hidden), SLICE_VALUES[hidden.device.type] // len(table))
        space = space_for(hidden, parts, len(table))
        if not any(ctx.needs_input_grad):
            for part in parts:
                total += loss_and_chances(hidden[part], weight, target[part], space)[0]
            return total
        to_hidden = torch.empty_like(hidden)
        to_table = torch.zeros_like(table, dtype=torch.float32)
        for part in parts:
            loss, chances = loss_and_chances(hidden[part], weight, target[part], space)
            total += loss
            delta = delta_of(chances, target[part]).to(hidden.dtype)
            torch.mm(delta, weight, out=to_hidden[part])
            accumulate(to_table, delta, hidden[part])
        ctx.save_for_backward(to_hidden, to_table.to(table.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        """Scale the gradients."""
        to_hidden, to_table = ctx.saved_tensors
        return to_hidden * upstream[0], to_table * upstream[0], None


def slices(positions: int, size: int) -> list[slice]:
    """Cut `positions` into slices of `size`, of 16 at the least."""
    size = max(16, size)
    return [slice(start, start + size) for start in range(0, positions, size)]


def space_for(hidden: torch.Tensor, parts: list[slice], ids: int) -> torch.Tensor:
    """Return room for the logits of any slice.

    All slices share it: a CPU gets large memory page by page, zeroed, and as often as it asks.
    """
    longest = min(parts[0].stop, len(hidden)) if parts else 0
    return hidden.new_empty((longest, ids))


def loss_and_chances(
    hidden: torch.Tensor, weight: torch.Tensor, target: torch.Tensor, space: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed loss of a slice, and the probabilities of its ids in float32."""
    logits = torch.mm(hidden, weight.T, out=space[: len(hidden)])
    highest, own = logits.amax(-1).float(), logits.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    # In the same memory where that pays and was tried: a CPU's kernel reads a row before it writes.
    over = logits.device.type == "cpu" and logits.dtype == torch.float32
    chances = torch.softmax(logits, -1, torch.float32, out=logits if over else None)
    # -log of the target's own chance is infinite where that is too small for a float. The highest
    # chance never is, and the two are as far apart as their logits.
    return (highest - own.float() - chances.amax(-1).log()).sum(), chances


def delta_of(chances: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Turn the probabilities of a slice, in place, into the gradient of its loss by the logits."""
    place = target.unsqueeze(-1)
    return chances.scatter_add_(-1, place, chances.new_full(place.shape, -1.0))


def accumulate(to_table: torch.Tensor, delta: torch.Tensor, hidden: torch.Tensor) -> None:
    """Add delta.T @ hidden to the float32 gradient of the table."""
    if delta.dtype == torch.float32:
        to_table.addmm_(delta.T, hidden)
    else:
        to_table += delta.T @ hidden


@torch.compiler.disable  # type: ignore[untyped-decorator]  # torch leaves it untyped
def summed_cross_entropy(
    hidden: torch.Tensor, table: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """Return the cross entropy of `target` summed over all but IGNORED, as a float32 scalar.

    `hidden` has the shape of `target` and its channels last. A compiler gains nothing here.
    """
    kind = hidden.device.type
    # The last norm computes in float32; the product with the table is for autocast's type.
    if torch.is_autocast_enabled(kind):
        hidden = hidden.to(torch.get_autocast_dtype(kind))
    flat = target.reshape(-1)
    # Padding is left out rather than masked: what is not trained on is not computed.
    (real,) = torch.nonzero(flat != IGNORED, as_tuple=True)
    rows = hidden.reshape(-1, hidden.shape[-1]).index_select(0, real)
    with torch.autocast(kind, enabled=False):
        loss: torch.Tensor = SlicedCrossEntropy.apply(rows, table, flat[real])  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return loss
