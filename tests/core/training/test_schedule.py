import dataclasses

import pytest

from codekiln.core.training import plan as planning
from codekiln.core.training import schedule
from codekiln.core.training.settings import EpochCalculation, Training

COUNTS = planning.Counts(sequences=100, unique_tokens=1, total_tokens=1)
PLAN = dataclasses.replace(
    planning.plan_run(COUNTS, Training(), EpochCalculation(), 8),
    total_steps=101,
    warmup_steps=10,
    learning_rate=1.0,
)


@pytest.mark.parametrize(
    ("step", "shape", "rate"),
    [
        (0, "cosine", 0.1),
        (9, "cosine", 1.0),
        (10, "cosine", 1.0),
        (55, "cosine", 0.55),
        (100, "cosine", 0.1),
        (55, "linear", 0.55),
        (100, "linear", 0.1),
    ],
)
def test_the_rate_rises_then_falls_to_its_floor(step: int, shape: str, rate: float) -> None:
    training = Training.model_validate({"schedule": shape})
    assert schedule.rate(step, PLAN, training) == pytest.approx(rate)


def test_a_run_without_warmup_starts_at_the_highest_rate() -> None:
    short = dataclasses.replace(PLAN, total_steps=1, warmup_steps=0)
    assert schedule.rate(0, short, Training()) == 1.0
