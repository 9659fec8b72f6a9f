import random

import numpy as np
import torch

from codekiln.core.training import generators


def draw() -> tuple[float, float, float, float]:
    return (
        random.random(),  # noqa: S311 -- the generator under test
        random.gauss(0, 1),
        float(np.random.rand()),
        float(torch.rand(1)),
    )


def test_every_generator_follows_the_seed() -> None:
    generators.seed_all(42)
    first = draw()
    generators.seed_all(42)
    assert draw() == first


def test_every_generator_goes_on_where_it_was() -> None:
    generators.seed_all(42)
    draw()
    states = generators.capture()
    expected = [draw(), draw()]
    generators.restore(states)
    assert [draw(), draw()] == expected


def test_settings_of_torch_come_back_after_a_repeatable_run() -> None:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with generators.repeatable(1):
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
