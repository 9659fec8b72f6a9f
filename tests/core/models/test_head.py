import pytest
import torch

from codekiln.core.models import head
from codekiln.core.models.head import summed_cross_entropy


@pytest.mark.parametrize("ids", [101, 20_011])
@pytest.mark.parametrize("per_slice", [1, 8_000, 1 << 30])
def test_loss_and_gradients_are_those_of_the_whole_product(
    monkeypatch: pytest.MonkeyPatch, per_slice: int, ids: int
) -> None:
    monkeypatch.setitem(head.SLICE_VALUES, "cpu", per_slice)
    torch.manual_seed(0)
    hidden = torch.randn(3, 20, 8, requires_grad=True)
    table = torch.randn(ids, 8, requires_grad=True)
    target = torch.randint(ids, (3, 20))
    target[0, 5:] = -100
    sliced = summed_cross_entropy(hidden, table, target)
    whole = torch.nn.functional.cross_entropy(
        (hidden @ table.T).flatten(0, 1), target.flatten(), reduction="sum"
    )
    assert sliced.item() == pytest.approx(whole.item(), rel=1e-6)
    ours = torch.autograd.grad(sliced / 7, (hidden, table))
    theirs = torch.autograd.grad(whole / 7, (hidden, table))
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ours, theirs, strict=True))


def test_a_target_whose_chance_is_too_small_for_a_float_has_a_finite_loss() -> None:
    hidden, table = torch.tensor([[1.0, 0.0]]), torch.tensor([[300.0, 0.0], [-300.0, 0.0]])
    loss = summed_cross_entropy(hidden.requires_grad_(), table, torch.tensor([1]))
    assert loss.item() == 600.0


def test_nothing_to_predict_is_zero_and_no_nan() -> None:
    hidden = torch.randn(1, 4, 8, requires_grad=True)
    table = torch.randn(11, 8, requires_grad=True)
    loss = summed_cross_entropy(hidden, table, torch.full((1, 4), -100))
    loss.backward()
    assert loss.item() == 0.0
    assert table.grad is not None
    assert not table.grad.any()


def test_under_autocast_the_loss_stays_in_float32() -> None:
    hidden, table = torch.randn(1, 4, 8), torch.randn(11, 8)
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        loss = summed_cross_entropy(hidden, table, torch.tensor([[1, 2, 3, 4]]))
    assert loss.dtype == torch.float32
