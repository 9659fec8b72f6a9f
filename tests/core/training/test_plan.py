import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.errors import InputError
from codekiln.core.training import plan
from codekiln.core.training.settings import EpochCalculation, HardwareMonitoring, Training


def counts(sequences: int = 100, total: int = 200_000) -> plan.Counts:
    return plan.Counts(sequences=sequences, unique_tokens=total * 7 // 8, total_tokens=total)


@pytest.mark.parametrize(
    ("total", "epochs"),
    [
        (1, 10),
        (2_000_000, 10),
        (2_000_001, 9),
        (5_000_000, 4),
        (5_000_001, 3),
        (6_666_667, 3),
        (20_000_001, 3),
    ],
)
def test_epochs_are_the_target_over_the_tokens_within_bounds(total: int, epochs: int) -> None:
    assert plan.epochs_for(counts(total=total), EpochCalculation()) == epochs


@pytest.mark.parametrize(
    ("sequences", "epochs"),
    [(1, 10), (19, 10), (20, 8), (49, 8), (50, 6), (99, 6), (100, 5), (199, 5), (200, 4)],
)
def test_the_legacy_method_counts_sequences(sequences: int, epochs: int) -> None:
    legacy = EpochCalculation(method="legacy")
    assert plan.epochs_for(counts(sequences=sequences), legacy) == epochs


@pytest.mark.parametrize(
    ("total", "warmup"),
    [(0, 0), (9, 0), (10, 1), (500, 50), (999, 99), (1000, 100), (5000, 500), (20_000, 1000)],
)
def test_warmup_is_a_tenth_within_its_bounds(total: int, warmup: int) -> None:
    assert plan.warmup_steps(total, Training()) == warmup


@pytest.mark.parametrize(
    ("total", "ratio", "warmup"),
    [(5000, 0.01, 100), (5000, 0.5, 1000), (5000, 0.04, 200), (999, 0.5, 99)],
)
def test_a_share_out_of_bounds_is_brought_to_them(total: int, ratio: float, warmup: int) -> None:
    assert plan.warmup_steps(total, Training(warmup_ratio=ratio)) == warmup


@given(st.integers(0, 999), st.floats(0, 1))
def test_no_short_run_warms_up_for_more_than_a_tenth(total: int, ratio: float) -> None:
    assert plan.warmup_steps(total, Training(warmup_ratio=ratio)) <= total / 10


@pytest.mark.parametrize(
    ("sequences", "batch", "accumulation", "steps"),
    [(1, 8, 1, 1), (8, 8, 1, 1), (9, 8, 1, 2), (64, 4, 4, 4), (65, 4, 4, 5)],
)
def test_the_last_step_of_an_epoch_may_be_smaller(
    sequences: int, batch: int, accumulation: int, steps: int
) -> None:
    assert plan.steps_per_epoch(sequences, batch, accumulation) == steps


@pytest.mark.parametrize(("batch", "rate"), [(8, 5e-5), (4, 2.5e-5), (2, 1.25e-5), (16, 1e-4)])
def test_the_rate_grows_with_the_batch(batch: int, rate: float) -> None:
    assert plan.learning_rate(5e-5, batch) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("sequences", "share", "training"),
    [(2, 0.1, 1), (2, 0.99, 1), (5, 0.1, 4), (10, 0.1, 9), (15, 0.1, 13), (100, 0.1, 90)],
)
def test_each_side_of_the_split_has_a_sequence(sequences: int, share: float, training: int) -> None:
    assert plan.training_count(sequences, share) == training


@pytest.mark.parametrize(("sequences", "message"), [(0, "0 sequences"), (1, "one sequence only")])
def test_too_few_sequences_are_a_clear_error(sequences: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan.plan_run(counts(sequences=sequences), Training(), EpochCalculation(), 2)


def test_no_tokens_are_a_clear_error() -> None:
    with pytest.raises(InputError, match="nothing can be planned"):
        plan.epochs_for(counts(total=0), EpochCalculation())


def test_a_plan_agrees_with_itself() -> None:
    made = plan.plan_run(
        counts(), Training(), EpochCalculation(), 8, plan.Price(dollars_per_hour=2.0)
    )
    assert (made.training_sequences, made.validation_sequences) == (90, 10)
    assert (made.epochs, made.steps_per_epoch, made.total_steps) == (10, 12, 120)
    assert (made.warmup_steps, made.learning_rate) == (12, 5e-5)
    assert made.predicted_hours == pytest.approx(120 * 1.5 / 3600)
    assert made.predicted_cost == pytest.approx(made.predicted_hours * 2)


def test_a_plan_refitted_to_a_machine_is_what_would_have_been_planned_for_it() -> None:
    price = plan.Price(dollars_per_hour=2.0)
    small, large = (
        plan.plan_run(counts(sequences=2000), Training(), EpochCalculation(), batch, price)
        for batch in (2, 8)
    )
    refitted = plan.refit(large, Training(), 2, small.training_sequences)
    assert dataclasses.replace(refitted, predicted_cost=0.0) == dataclasses.replace(
        small, predicted_cost=0.0
    )
    assert refitted.predicted_cost == pytest.approx(small.predicted_cost)
    assert (refitted.warmup_steps, refitted.learning_rate) == (900, 1.25e-5)
    assert (large.warmup_steps, large.learning_rate) == (225, 5e-5)


@pytest.mark.parametrize(
    ("gib", "batch"), [(None, 7), (80.0, 9), (8.0, 9), (7.9, 5), (4.0, 5), (3.9, 3)]
)
def test_the_batch_is_what_the_settings_say_for_such_a_machine(
    gib: float | None, batch: int
) -> None:
    training = Training(
        batch_size_cpu=7, batch_size_large=9, batch_size_medium=5, batch_size_small=3
    )
    assert plan.batch_size(gib, training, HardwareMonitoring()) == batch


def test_a_threshold_above_the_memory_of_the_gpu_takes_the_smaller_batch() -> None:
    raised = HardwareMonitoring(gpu_memory_threshold_large_gb=25.0)
    assert plan.batch_size(24.0, Training(), raised) == 4


def test_a_legacy_plan_never_demands_more_epochs_than_it_has() -> None:
    calculation = EpochCalculation(method="legacy", min_epochs=5)
    made = plan.plan_run(counts(sequences=300), Training(), calculation, 8)
    assert made.min_epochs == made.epochs == 4


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    made = plan.plan_run(counts(), Training(), EpochCalculation(), 2)
    plan.write(tmp_path / "plan", made)
    assert plan.read(tmp_path / "plan") == made


def test_a_missing_plan_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no plan\.json"):
        plan.read(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"epochs": 3}'])
def test_a_broken_plan_is_a_clear_error(text: str) -> None:
    with pytest.raises(InputError, match="run plan_training again"):
        plan.from_json(text)


def test_an_unknown_key_of_a_plan_is_named() -> None:
    made = plan.plan_run(counts(), Training(), EpochCalculation(), 2)
    assert dataclasses.asdict(made)
    with pytest.raises(InputError, match="colour"):
        plan.from_json(made.to_json().replace('"epochs"', '"colour"', 1))


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_setting_that_is_no_number_is_refused_before_a_plan_holds_it(value: float) -> None:
    with pytest.raises(ValueError, match="finite number"):
        Training(min_delta=value)
    with pytest.raises(ValueError, match="finite number"):
        HardwareMonitoring(collection_interval_seconds=value)
