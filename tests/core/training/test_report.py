import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from codekiln.core.training import charts, engine, report
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.engine import Job
from codekiln.core.training.monitor import Sample


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


def test_a_long_history_is_thinned_but_its_range_is_not() -> None:
    values = [float(n) for n in range(10_001)]
    thinned = report.series(values)
    assert len(thinned.history) <= report.POINTS
    assert (thinned.min, thinned.max, thinned.final) == (0.0, 10_000.0, 10_000.0)


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
