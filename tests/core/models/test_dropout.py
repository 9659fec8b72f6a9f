import pytest
import torch

from codekiln.core.models import dropout
from codekiln.core.models.dropout import Dropout


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_the_told_share_is_dropped_and_the_mean_stays(share: float) -> None:
    torch.manual_seed(0)
    kept = Dropout(share)(torch.ones(1000, 1001))
    assert (kept == 0).float().mean().item() == pytest.approx(share, abs=0.002)
    assert kept.mean().item() == pytest.approx(1.0, abs=0.01)


def test_neighbors_are_dropped_independently() -> None:
    torch.manual_seed(0)
    zeros = (Dropout(0.2)(torch.ones(1_000_000)) == 0).float()
    for distance in range(1, 9):
        both = (zeros[distance:] * zeros[:-distance]).mean().item()
        assert both == pytest.approx(0.04, abs=0.001)


def test_the_gradient_passes_where_the_value_does() -> None:
    x = torch.randn(33, requires_grad=True)
    out = Dropout(0.4)(x)
    out.sum().backward()
    assert x.grad is not None
    assert torch.allclose(x.grad * x.detach(), out.detach())


def test_one_seed_drops_the_same_elements() -> None:
    drawn = [Dropout(0.3)(torch.ones(101)) for _ in range(2) if torch.manual_seed(7)]
    assert torch.equal(*drawn)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_and_everything_can_be_dropped(share: float) -> None:
    x = torch.randn(10)
    assert torch.equal(Dropout(share)(x), x * (1 - share))


def test_outside_training_nothing_is_dropped() -> None:
    x = torch.randn(10)
    assert torch.equal(Dropout(0.5).eval()(x), x)


def test_every_dropout_of_a_model_is_replaced_and_keeps_its_mode() -> None:
    inner = torch.nn.Sequential(torch.nn.Dropout(0.25))
    model = torch.nn.ModuleDict({"inner": inner, "outer": torch.nn.Dropout(0.5)}).eval()
    dropout.cheapen(model)
    found = [m for m in model.modules() if isinstance(m, Dropout)]
    assert [(m.p, m.training) for m in found] == [(0.25, False), (0.5, False)]
