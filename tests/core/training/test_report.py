import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from codekiln.core.training import charts, engine, report
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.early_stopping import Standing
from codekiln.core.training.engine import Job, Outcome
from codekiln.core.training.monitor import Sample
from codekiln.core.training.state import Epoch, State


@pytest.fixture
def made(job: Callable[..., Job]) -> report.Report:
    described = job()
    outcome = engine.train(described)
    assert isinstance(described.store, LocalStore)
    described.store.close()
    return report.make(described, outcome)


def test_the_report_tells_the_run(made: report.Report, tmp_path: Path) -> None:
    told = json.loads(report.write(tmp_path, made).read_text())
    assert told["stopped_because"] == "all epochs done"
    assert len(told["losses"]["per_epoch"]) == told["epochs"] == 3
    assert told["losses"]["best_validation"] == told["losses"]["validation"]["min"]
    assert told["perplexity"] == pytest.approx(math.exp(told["losses"]["best_validation"]))
    assert len(told["learning_rate"]["history"]) == told["timing"]["steps"] == 9
    assert told["gradient_norm"]["min"] <= told["gradient_norm"]["max"]
    assert told["timing"]["tokens"] == 3 * 10 * 6
    assert told["timing"]["tokens_per_second"] > 0
    assert told["hardware"]["precision"] == "float32"


def test_the_best_is_told_not_the_last_and_compiling_is_no_training(
    job: Callable[..., Job],
) -> None:
    described = job()
    assert isinstance(described.store, LocalStore)
    described.store.close()
    losses = [(3.0, 2.0), (1.0, 1.5), (2.0, 1.8)]
    done = State(
        fingerprint="f",
        losses=[training for training, _ in losses],
        gradient_norms=[1.0, 4.0, 2.0],
        learning_rates=[0.1, 0.3, 0.2],
        targets=[10, 10, 20],
        epochs=[
            Epoch(epoch=n, step=n, training_loss=training, validation_loss=held_out)
            for n, (training, held_out) in enumerate(losses, start=1)
        ],
        standing=Standing(best_loss=1.5, best_epoch=2, best_step=2),
        seconds=25.0,
        starts=1,
    )
    told = report.make(
        described,
        Outcome(
            state=done,
            reason="no better validation loss",
            samples=[],
            precision="float32",
            compiled=True,
            compile_seconds=5.0,
        ),
    )
    assert told.stopped_because == "no better validation loss"
    assert (told.losses.best_training, told.losses.best_validation) == (1.0, 1.5)
    assert (told.losses.training.final, told.losses.validation.final) == (2.0, 1.8)
    assert (told.losses.best_epoch, told.losses.best_step) == (2, 2)
    assert told.perplexity == pytest.approx(math.exp(1.5))
    assert (told.gradient_norm.min, told.gradient_norm.max) == (1.0, 4.0)
    assert (told.timing.tokens, told.timing.tokens_per_second) == (40, 2.0)
    assert told.timing.steps_per_second == pytest.approx(3 / 20)


def test_a_long_history_is_thinned_but_its_range_is_not() -> None:
    values = [float(n) for n in range(10_001)]
    thinned = report.series(values)
    assert len(thinned.history) <= report.POINTS
    assert (thinned.min, thinned.max, thinned.final) == (0.0, 10_000.0, 10_000.0)


@pytest.mark.parametrize(("last_s", "unit"), [(60.0, "seconds"), (600.0, "minutes")])
def test_readings_are_drawn_with_names_units_and_a_scale_of_time_that_fits(
    last_s: float, unit: str
) -> None:
    samples = [Sample(seconds=t, readings={"ram_used_gib": 1.0}) for t in (0.0, last_s)]
    figure = charts.hardware_chart(samples)
    assert figure.get_supxlabel() == unit
    assert [axes.get_title() for axes in figure.axes] == ["RAM used, GiB"]


def test_charts_are_drawn_and_the_same_figures_give_the_same_bytes(
    made: report.Report, tmp_path: Path
) -> None:
    samples = [Sample(seconds=t, readings={"cpu_percent": t}) for t in (0.0, 10.0)]
    one = charts.draw(tmp_path / "1", made, samples)
    two = charts.draw(tmp_path / "2", made, samples)
    assert [path.name for path in one] == [
        "loss.svg", "learning_rate.svg", "gradient_norm.svg", "hardware.svg",
    ]  # fmt: skip
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
