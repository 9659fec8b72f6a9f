"""The learning rate of each step: a linear rise, then a cosine or a line down."""

import math

from codekiln.core.training.plan import Plan
from codekiln.core.training.settings import Training


def rate(step: int, plan: Plan, training: Training) -> float:
    """Return the learning rate of `step`, counted from 0; a pure function, so nothing is saved."""
    if step < plan.warmup_steps:
        return plan.learning_rate * (step + 1) / plan.warmup_steps
    floor = training.final_rate_ratio
    height = fall(progress(step, plan), training.schedule)
    return plan.learning_rate * (floor + (1 - floor) * height)


def progress(step: int, plan: Plan) -> float:
    """Return how far `step` is on the way down: 0 at the end of the warmup, 1 at the last step."""
    length = plan.total_steps - 1 - plan.warmup_steps
    return min(1.0, (step - plan.warmup_steps) / length) if length > 0 else 0.0


def fall(share: float, shape: str) -> float:
    """Return the height above the floor, 1 to 0, after `share` of the way down."""
    return (1 + math.cos(math.pi * share)) / 2 if shape == "cosine" else 1 - share
