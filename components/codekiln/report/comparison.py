"""The plan against what happened."""

import dataclasses
from collections.abc import Iterator

from pydantic import BaseModel, FiniteFloat

from codekiln.core.page import words
from codekiln.report.training import Timing, Training

NAME = "plan.json"


class Plan(BaseModel):
    """What is shown of plan.json; core.training.plan says what each figure means."""

    epochs: int
    total_steps: int
    learning_rate: FiniteFloat
    seconds_per_step: FiniteFloat
    predicted_seconds: FiniteFloat
    predicted_cost: FiniteFloat = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One figure as it was planned and as it came; `actual` is empty where nothing was trained."""

    name: str
    planned: str
    actual: str


def compared(plan: Plan | None, done: Training | None) -> list[Row]:
    """Return the rows of the comparison; none where nothing was planned."""
    if plan is None:
        return []
    return [*_counts(plan, done), *_times(plan, done.timing if done else None)]


def _counts(plan: Plan, done: Training | None) -> Iterator[Row]:
    yield Row(
        name="epochs",
        planned=words.count(plan.epochs),
        actual=words.count(done.epochs) if done else "",
    )
    yield Row(
        name="steps",
        planned=words.count(plan.total_steps),
        actual=words.count(done.timing.steps) if done else "",
    )
    yield Row(
        name="highest learning rate",
        planned=words.number(plan.learning_rate),
        actual=words.number(done.learning_rate.max) if done else "",
    )


def _times(plan: Plan, spent: Timing | None) -> Iterator[Row]:
    yield Row(
        name="training time",
        planned=words.duration(plan.predicted_seconds),
        actual=words.duration(spent.seconds) if spent else "",
    )
    yield Row(
        name="seconds a step",
        planned=words.number(plan.seconds_per_step),
        actual=words.number(spent.seconds / spent.steps) if spent and spent.steps else "",
    )
    if plan.predicted_cost and plan.predicted_seconds:
        price = plan.predicted_cost / plan.predicted_seconds
        yield Row(
            name="cost",
            planned=words.dollars(plan.predicted_cost),
            actual=words.dollars(price * spent.seconds) if spent else "",
        )
