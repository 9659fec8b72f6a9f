import torch

from codekiln.core.training import optimizer
from codekiln.core.training.settings import Training


def model() -> torch.nn.Module:
    return torch.nn.Sequential(
        torch.nn.Embedding(5, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 5)
    )


def test_matrices_decay_and_vectors_do_not() -> None:
    made = optimizer.adamw(model(), Training(weight_decay=0.3))
    decays = {
        (p.dim() > 1, group["weight_decay"]) for group in made.param_groups for p in group["params"]
    }
    assert decays == {(True, 0.3), (False, 0.0)}
    assert sum(len(group["params"]) for group in made.param_groups) == 5


def test_the_decay_is_a_hundredth_unless_told() -> None:
    assert optimizer.adamw(model(), Training()).param_groups[0]["weight_decay"] == 0.01


def test_what_is_frozen_is_left_alone() -> None:
    frozen = model()
    for parameter in frozen.parameters():
        parameter.requires_grad_(parameter.dim() == 1)
    [group] = optimizer.adamw(frozen, Training()).param_groups
    assert [p.dim() for p in group["params"]] == [1, 1, 1]
