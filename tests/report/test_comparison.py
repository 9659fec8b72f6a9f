"""The plan against what happened."""

import pytest

from codekiln.report.comparison import Plan, compared
from codekiln.report.training import Timing, Training

PLAN = Plan(
    epochs=3, total_steps=10, learning_rate=5e-5, seconds_per_step=2, predicted_seconds=20,
    predicted_cost=1.5,
)  # fmt: skip


def test_planned_and_actual_stand_side_by_side() -> None:
    done = Training(epochs=2, timing=Timing(seconds=40, steps=8))
    told = {row.name: (row.planned, row.actual) for row in compared(PLAN, done)}
    assert told["epochs"] == ("3", "2")
    assert told["seconds a step"] == ("2", "5")
    assert told["training time"] == ("20 s", "40 s")


def test_the_actual_cost_is_at_the_price_of_the_plan() -> None:
    done = Training(timing=Timing(seconds=40, steps=8))
    assert compared(PLAN, done)[-1].actual == "$3.00"


def test_a_plan_without_a_price_has_no_cost() -> None:
    free = PLAN.model_copy(update={"predicted_cost": 0.0})
    assert "cost" not in {row.name for row in compared(free, None)}


@pytest.mark.parametrize("plan", [PLAN, None])
def test_what_was_not_trained_has_no_actual_figures(plan: Plan | None) -> None:
    assert {row.actual for row in compared(plan, None)} <= {""}
