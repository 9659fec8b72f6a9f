from collections.abc import Sequence

import pytest
import torch

from codekiln.core.training import sampler


class Numbers:
    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> int:
        return index * 10


def collate(rows: Sequence[int]) -> dict[str, torch.Tensor]:
    return {"rows": torch.tensor(rows)}


def test_the_order_is_a_permutation_and_a_function_of_seed_and_epoch() -> None:
    first = sampler.order(50, 42, 0)
    assert sorted(first) == list(range(50))
    assert first == sampler.order(50, 42, 0)
    assert first != sampler.order(50, 42, 1)
    assert first != sampler.order(50, 43, 0)


def test_the_last_batch_may_be_smaller() -> None:
    assert sampler.batches([3, 1, 2], 2) == [[3, 1], [2]]


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_the_order_that_was_asked_for(workers: int) -> None:
    numbers = [[6, 0], [3, 5], [1]]
    loaded = sampler.loader(Numbers(), numbers, collate, workers, pin=False)
    assert [batch["rows"].tolist() for batch in loaded] == [[60, 0], [30, 50], [10]]


def test_loading_draws_nothing_from_the_generator_of_the_model() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    list(sampler.loader(Numbers(), [[1], [2]], collate, 1, pin=False))
    assert torch.equal(before, torch.get_rng_state())
