import dataclasses
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import forked_programs
import pytest
import torch

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.training import checkpoint, engine, state
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.engine import Job, Outcome
from codekiln.core.training.interrupt import CanceledError
from codekiln.core.training.monitor import Monitor
from codekiln.core.training.passes import Passes
from codekiln.core.training.trainable import Batch, weights_of

Maker = Callable[..., Job]

STEPS = 9  # 10 rows, batches of 2, 2 batches a step: 3 steps an epoch, 3 epochs


def close(job: Job) -> None:
    assert isinstance(job.store, LocalStore)
    job.store.close()


def run(job: Job) -> Outcome:
    try:
        return engine.train(job)
    finally:
        close(job)


def same(one: Job, two: Job) -> bool:
    left, right = weights_of(one.model), weights_of(two.model)
    return all(torch.equal(left[name], right[name]) for name in left)


def test_the_loss_falls_and_the_best_epoch_is_kept(job: Maker) -> None:
    outcome = run(job())
    losses = [epoch.validation_loss for epoch in outcome.state.epochs]
    assert len(outcome.state.losses) == STEPS
    assert losses[-1] < losses[0]
    assert outcome.state.standing.best_loss == min(losses)
    assert outcome.reason == "all epochs done"


class Backwards:
    """Rows that count down: who learns to count up does worse and worse on them."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> torch.Tensor:
        return (index - torch.arange(7)) % 11


def test_the_model_ends_with_the_weights_of_its_best_epoch_not_of_its_last(job: Maker) -> None:
    made = dataclasses.replace(job(base_learning_rate=0.5), validation_rows=Backwards())
    outcome = engine.train(made)
    assert outcome.state.standing.best_epoch == 1
    assert [epoch.step for epoch in outcome.state.epochs] == [3, 6, 9]
    best, last = checkpoint.load_best(made.store, 3), checkpoint.latest(made.store)
    close(made)
    assert last
    ended = weights_of(made.model)
    assert all(torch.equal(ended[name], tensor) for name, tensor in best.items())
    assert not all(torch.equal(ended[name], tensor) for name, tensor in last.weights.items())


def test_steps_have_dropout_and_evaluation_has_none(job: Maker) -> None:
    made = job()
    seen: list[tuple[bool, bool]] = []
    made.model.register_forward_pre_hook(
        lambda model, _: seen.append((model.training, torch.is_grad_enabled()))
    )
    run(made)
    epoch = [(True, True)] * 5 + [(False, False)]
    assert seen == epoch * 3


def test_a_step_moves_by_the_rate_that_is_reported(job: Maker) -> None:
    resting = job()
    still = dataclasses.replace(resting, plan=dataclasses.replace(resting.plan, learning_rate=0.0))
    before = {name: tensor.clone() for name, tensor in weights_of(still.model).items()}
    outcome = run(still)
    assert set(outcome.state.learning_rates) == {0.0}
    assert all(torch.equal(before[name], t) for name, t in weights_of(still.model).items())


def test_gradients_are_clipped_after_their_norm_is_noted(job: Maker) -> None:
    # Below AdamW's epsilon of 1e-8 a gradient moves nothing: so must a clipped one.
    made = job(clip_norm=1e-14, weight_decay=0.0)
    before = {name: tensor.clone() for name, tensor in weights_of(made.model).items()}
    outcome = run(made)
    assert min(outcome.state.gradient_norms) > 0.1
    moved = [(before[name] - t).abs().max() for name, t in weights_of(made.model).items()]
    assert max(moved) < 1e-6


def test_the_validation_loss_is_a_mean_over_targets_in_whatever_batches(job: Maker) -> None:
    made = job()
    passes = Passes(made.model.eval(), torch.device("cpu"), torch.float32)
    batch = dict(made.collate([made.training_rows[n] for n in range(2)]))
    short = {name: tensor[:1].clone() for name, tensor in batch.items()}
    short["targets"][:, 2:] = -100
    both = {name: torch.cat([batch[name], short[name]]) for name in batch}
    assert passes.mean_loss([batch, short]) == pytest.approx(passes.mean_loss([both]), rel=1e-6)
    close(made)


def test_peaks_are_kept_over_starts_and_up_to_the_last_sample(job: Maker) -> None:
    loads = iter([9.0, 10.0])
    sensor = {"a": lambda: {"load": next(loads)}}
    first = run(dataclasses.replace(job(), monitor=Monitor(sensor, 3600.0)))
    assert first.state.peaks == {"load": 10.0}
    later = {"load": 1.0, "heat": 5.0}
    second = run(dataclasses.replace(job(), monitor=Monitor({"a": lambda: later}, 3600.0)))
    # The last sample came after the last checkpoint.
    assert second.state.peaks == {"load": 9.0, "heat": 5.0}


def test_two_runs_with_one_seed_give_the_same_losses_to_the_last_digit(job: Maker) -> None:
    one, two = job("one"), job("two")
    assert run(one).state.losses == run(two).state.losses
    assert same(one, two)


def test_another_seed_gives_other_losses(job: Maker) -> None:
    assert run(job("one")).state.losses != run(job("two", seed=43)).state.losses


def test_loader_processes_change_nothing(job: Maker) -> None:
    assert run(job("one")).state.losses == run(job("two", workers=2)).state.losses


def test_accumulation_gives_the_gradient_of_one_large_batch(job: Maker) -> None:
    job_of_two = job("two")
    passes = Passes(job_of_two.model.eval(), torch.device("cpu"), torch.float32)
    rows = [job_of_two.training_rows[n] for n in range(4)]
    short = dict(job_of_two.collate(rows[2:]))
    short["targets"] = short["targets"].clone()
    short["targets"][:, 3:] = -100
    parts: list[Batch] = [job_of_two.collate(rows[:2]), short]
    whole = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    gradients = []
    for batches in (parts, [whole]):
        counts = passes.targets(batches)
        for batch in batches:
            passes.backward(batch, counts)
        gradients.append([p.grad.clone() for p in passes.model.parameters() if p.grad is not None])
        passes.model.zero_grad()
    close(job_of_two)
    assert all(torch.allclose(a, b, atol=1e-7) for a, b in zip(*gradients, strict=True))


def test_a_batch_without_one_of_the_losses_is_no_nan(job: Maker) -> None:
    made = job()
    passes = Passes(made.model, torch.device("cpu"), torch.float32)
    batch = {"ids": torch.tensor([[1, 3]]), "targets": torch.tensor([[2, 4]])}
    assert torch.isfinite(passes.backward(batch, passes.targets([batch])))
    close(made)


def test_a_finished_run_started_again_ends_at_once_with_the_same_weights(job: Maker) -> None:
    one, two = job(), None
    first = run(one)
    two = job()
    second = run(two)
    assert second.state.losses == first.state.losses
    assert second.state.starts == 2
    assert same(one, two)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_at_the_step_boundary_and_the_next_start_ends_the_same(
    job: Maker, number: signal.Signals
) -> None:
    whole, stopped = job("whole"), job("stopped")
    expected = run(whole)
    kind = ServiceError if number is signal.SIGTERM else CanceledError
    collate, calls = stopped.collate, []

    def interrupting(rows: Sequence[Any]) -> Batch:
        calls.append(len(rows))
        if len(calls) == 4:
            os.kill(os.getpid(), number)
        return collate(rows)

    object.__setattr__(stopped, "collate", interrupting)
    with pytest.raises(kind, match=r"saved at step 2: run it again") as error:
        run(stopped)
    assert error.value.exit_code == (75 if number is signal.SIGTERM else 130)
    resumed = job("stopped")
    assert run(resumed).state.losses == expected.state.losses
    assert same(whole, resumed)


def test_a_signal_at_any_batch_of_training_or_validation_is_answered_and_loses_nothing(
    job: Maker,
) -> None:
    def signaled(made: Job, at: int) -> list[int]:
        collate, calls = made.collate, []

        def counting(rows: Sequence[Any]) -> Batch:
            calls.append(len(rows))
            if len(calls) == at:
                os.kill(os.getpid(), signal.SIGTERM)
            return collate(rows)

        object.__setattr__(made, "collate", counting)
        return calls

    whole = job("whole")
    calls = signaled(whole, 0)
    expected = run(whole)
    for number in range(1, len(calls) + 1):
        stopped = job(f"stopped-{number}")
        signaled(stopped, number)
        with pytest.raises(ServiceError, match="saved at step"):
            run(stopped)
        resumed = job(f"stopped-{number}")
        assert run(resumed).state.losses == expected.state.losses
        assert same(whole, resumed)


SCRIPT = """
import importlib.util, os, signal, sys
spec = importlib.util.spec_from_file_location("toys", sys.argv[1])
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
from pathlib import Path
from codekiln.core.training import checkpoint, engine
job = toys.toy_job(Path(sys.argv[2]), checkpoint_steps=2)
place, count = sys.argv[3], int(sys.argv[4])
def kill(*args):
    global count
    count -= 1
    if not count:
        os.kill(os.getpid(), signal.SIGKILL)
if place == "forward":
    job.model.register_forward_pre_hook(kill)
if place == "checkpoint":
    seal = checkpoint.seal
    checkpoint.seal = lambda folder: (kill(), seal(folder))
engine.train(job)
"""


def start(folder: Path, place: str = "never", count: int = 0) -> int:
    toys = Path(__file__).with_name("conftest.py")
    words = ["-c", SCRIPT, str(toys), str(folder), place, str(count)]
    log = folder.with_suffix(".log")
    return forked_programs.ended(forked_programs.start(words, log, os.environ))


def test_a_run_killed_again_and_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    assert start(tmp_path / "whole") == 0
    deaths = [("forward", 1), ("forward", 7), ("checkpoint", 2), ("forward", 6), ("checkpoint", 3)]
    for place, count in deaths:
        assert start(tmp_path / "killed", place, count) == -signal.SIGKILL
    assert start(tmp_path / "killed") == 0
    both = [LocalStore(tmp_path / name) for name in ("whole", "killed")]
    found = [checkpoint.latest(store) for store in both]
    histories = [state.from_json(made.state) for made in found if made]
    assert histories[0].losses == histories[1].losses
    assert histories[0].epochs == histories[1].epochs
    assert histories[1].starts > 1
    name = checkpoint.best_name(histories[0].standing.best_step)
    weights = [(store.open(name) / checkpoint.WEIGHTS).read_bytes() for store in both]
    assert weights[0] == weights[1]
    for store in both:
        store.close()


def test_a_loss_that_is_no_number_is_a_clear_error(job: Maker) -> None:
    made = job()
    with torch.no_grad():
        next(made.model.parameters())[0] = float("nan")
    with pytest.raises(InputError, match="lower base_learning_rate"):
        run(made)


def test_a_checkpoint_of_another_run_is_refused(job: Maker) -> None:
    run(job())
    other = job()
    object.__setattr__(other, "fingerprint", "0" * 64)
    with pytest.raises(InputError, match="choose another folder"):
        run(other)


def test_no_better_validation_loss_stops_the_run_but_not_before_min_epochs(job: Maker) -> None:
    made = job(patience=1, min_delta=100.0)
    outcome = run(made)
    assert outcome.reason == "all epochs done"
    assert len(outcome.state.epochs) == made.plan.min_epochs
