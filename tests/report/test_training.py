"""The curves of a training, from its report."""

import pytest

from codekiln.report import training

REPORT = {
    "losses": {
        "training": {"every": 10, "history": [4.0, 2.0, 2.0]},
        "best_epoch": 1,
        "best_step": 20,
        "per_epoch": [{"epoch": 1, "step": 20, "training_loss": 3.0, "validation_loss": 2.0}],
    }
}


def test_a_thinned_history_stands_at_its_steps() -> None:
    told = training.read(REPORT)
    assert told
    assert told.losses.training.points == [(1.0, 4.0), (11.0, 2.0), (21.0, 2.0)]


def test_the_curves_have_units_and_mark_the_best_epoch() -> None:
    told = training.read(REPORT)
    assert told
    drawn = training.charts(told)
    assert [chart.title for chart in drawn] == [
        "Loss, nats a token",
        "Perplexity, logarithmic scale",
    ]
    assert [line.name for line in drawn[0].lines] == ["each step", "training", "validation"]
    assert drawn[0].mark
    assert drawn[0].mark.text == "best: epoch 1"


def test_perplexity_is_e_to_the_loss_and_infinite_where_no_float_holds_it() -> None:
    assert training.exp(2.0) == pytest.approx(7.389056)
    assert training.exp(1000.0) == float("inf")
