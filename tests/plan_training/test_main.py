import subprocess
import sys
from pathlib import Path

import pytest
from builders import tokens

from codekiln.core import manifest, program
from codekiln.core.training import plan
from codekiln.plan_training.__main__ import plan_training
from codekiln.plan_training.settings import Settings


def run(folder: Path, into: Path, *more: str) -> plan.Plan:
    program.run(plan_training, Settings, ["--tokens", str(folder), "--plan", str(into), *more])
    return plan.read(into)


def test_the_plan_follows_from_the_sequences_that_are_there(tmp_path: Path) -> None:
    made = run(tokens(tmp_path / "t", range(200)), tmp_path / "p", "--gpu-memory-gb", "0")
    assert (made.sequences, made.training_sequences, made.validation_sequences) == (33, 30, 3)
    assert (made.unique_tokens, made.total_tokens, made.epochs) == (200, 264, 10)
    assert (made.batch_size, made.steps_per_epoch, made.total_steps) == (2, 15, 150)
    assert manifest.read(tmp_path / "p").metrics["total_steps"] == 150


@pytest.mark.parametrize(("memory", "batch"), [("0", 2), ("3.9", 2), ("4", 4), ("8", 8)])
def test_the_batch_follows_from_the_memory_of_the_gpu(
    tmp_path: Path, memory: str, batch: int
) -> None:
    made = run(tokens(tmp_path / "t", range(100)), tmp_path / "p", "--gpu-memory-gb", memory)
    assert (made.batch_size, made.learning_rate) == (batch, 5e-5 * batch / 8)


def test_hours_and_cost_are_predicted(tmp_path: Path) -> None:
    told = ("--seconds-per-step", "36", "--dollars-per-hour", "2", "--gpu-memory-gb", "0")
    made = run(tokens(tmp_path / "t", range(200)), tmp_path / "p", *told)
    assert (made.predicted_hours, made.predicted_cost) == (1.5, 3.0)


def test_the_legacy_method_goes_by_the_number_of_sequences(tmp_path: Path) -> None:
    told = ("--config", "epoch_calculation: {method: legacy}", "--gpu-memory-gb", "0")
    assert run(tokens(tmp_path / "t", range(200)), tmp_path / "p", *told).epochs == 8


def test_one_sequence_only_is_one_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(tokens(tmp_path / "t", range(8)), tmp_path / "p")
    assert stop.value.code == 2
    assert "one sequence only" in capsys.readouterr().err
    assert not (tmp_path / "p" / manifest.NAME).exists()


def test_planning_needs_no_torch() -> None:
    probe = "import sys, codekiln.plan_training.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "torch" not in loaded
