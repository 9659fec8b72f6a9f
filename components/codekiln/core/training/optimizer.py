"""AdamW over two groups: what decays, and what does not."""

import torch

from codekiln.core.training.settings import Training


def adamw(model: torch.nn.Module, training: Training) -> torch.optim.AdamW:
    """Make the optimizer of `model`; biases and norms (vectors) do not decay."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": training.weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]
    filled = [group for group in groups if group["params"]]
    return torch.optim.AdamW(filled, lr=training.base_learning_rate, fused=True)


def moments(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the state of `optimizer` as tensors named `adamw.PARAMETER.MOMENT`."""
    state = optimizer.state_dict()["state"]
    return {f"adamw.{n}.{key}": value for n, held in state.items() for key, value in held.items()}


def load_moments(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Bring `optimizer` back to what `moments` saw."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        kind, _, rest = name.partition(".")
        if kind == "adamw":
            number, _, key = rest.partition(".")
            state.setdefault(int(number), {})[key] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
