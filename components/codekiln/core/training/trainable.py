"""What the engine asks of a model: sums of losses over a batch, and how many targets each has.

A model may have several losses (plan, code, refine), each with its own weight and its own
targets. The engine divides each sum by its targets over the WHOLE accumulated batch, so that
neither padding nor a short last batch moves the mean, and a loss without targets is left out.
"""

import abc
from collections.abc import Mapping

import torch

Batch = Mapping[str, torch.Tensor]
"""Tensors by name; what the names mean is between a data set and its model."""

IGNORED = -100
"""The target of a position that is not trained on: padding, or the end of a window."""


class Trainable(torch.nn.Module, abc.ABC):
    """A model that the engine can train."""

    @property
    @abc.abstractmethod
    def loss_weights(self) -> Mapping[str, float]:
        """Return the weight of each loss by name."""

    @abc.abstractmethod
    def targets(self, batch: Batch) -> dict[str, int]:
        """Return how many targets each loss has in `batch`, which still lies on the CPU."""

    @abc.abstractmethod
    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Return the sum of each loss over its targets, as scalars."""

    @abc.abstractmethod
    def flops_per_token(self) -> float:
        """Return the floating point operations of a forward and backward pass over one token."""


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return what training changes: trained parameters (tied ones once) and kept buffers."""
    trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    kept = model.state_dict().keys()
    return trained | {name: b for name, b in model.named_buffers() if name in kept}


def load_weights(model: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy `weights`, as `weights_of` gave them, into `model`; names and shapes must agree."""
    own = weights_of(model)
    if own.keys() != weights.keys():
        raise KeyError(f"weights differ: {sorted(own.keys() ^ weights.keys())[:3]}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(weights[name])


def size_of(model: torch.nn.Module) -> tuple[int, int]:
    """Return the number of all parameters and of those that are trained; tied ones count once."""
    counts = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return sum(n for n, _ in counts), sum(n for n, trained in counts if trained)
