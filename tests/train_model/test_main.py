import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import finish
from transformers import GPT2LMHeadModel, GPT2Tokenizer

from codekiln.core import manifest
from codekiln.core.training import plan as planning
from codekiln.core.training.settings import EpochCalculation, Training

CONFIG = """
training: {base_learning_rate: 4e-3, checkpoint_steps: 2, workers: 0}
train_model: {size: tiny, sample_tokens: 8}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    counts = planning.Counts(sequences=14, unique_tokens=780, total_tokens=884)
    calculation = EpochCalculation(target_tokens=1)
    planning.write(folder, planning.plan_run(counts, Training(), calculation, 8))
    return finish(folder, "plan_training", {})


def start(tokens: Path, plan: Path, model: Path, config: str = CONFIG) -> "subprocess.Popen[str]":
    told = ["--tokens", str(tokens), "--plan", str(plan), "--model", str(model)]
    return subprocess.Popen(
        [sys.executable, "-m", "codekiln.train_model", *told, "--config", config],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def finished(tokens: Path, plan: Path, model: Path) -> str:
    process = start(tokens, plan, model)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    return told


def kill_after(step: int, process: "subprocess.Popen[str]", model: Path, number: int) -> int:
    """Send `number` once the checkpoint of `step` is there; return the exit code."""
    checkpoints = model.with_name(model.name + ".checkpoints")
    while process.poll() is None and not list(checkpoints.glob(f"*/step-{step:08d}")):
        time.sleep(0.005)
    process.send_signal(number)
    process.communicate(timeout=300)
    return process.returncode


@pytest.fixture(scope="module")
def whole(tokens: Path, plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = tmp_path_factory.mktemp("whole") / "model"
    told = finished(tokens, plan, model)
    assert "plan refitted to this machine: batch 2" in told
    return model


def test_the_output_loads_with_transformers_and_tells_its_run(whole: Path) -> None:
    network = GPT2LMHeadModel.from_pretrained(str(whole))
    tokenizer = GPT2Tokenizer.from_pretrained(str(whole))
    report = json.loads((whole / "training_report.json").read_text())
    assert network.config.n_positions == 64
    assert network.config.vocab_size == len(tokenizer)
    assert report["losses"]["per_epoch"][-1]["validation_loss"] < 5.0
    assert len(json.loads((whole / "samples.json").read_text())) == 3
    assert len(list((whole / "charts").glob("*.svg"))) == 4
    assert manifest.read(whole).counts["steps"] == report["timing"]["steps"]


def test_a_run_killed_and_told_to_stop_ends_with_the_same_bytes(
    tokens: Path, plan: Path, whole: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    assert kill_after(4, start(tokens, plan, model), model, signal.SIGKILL) == -signal.SIGKILL
    assert kill_after(10, start(tokens, plan, model), model, signal.SIGTERM) == 75
    assert not (model / manifest.NAME).exists()
    assert "resuming after step" in finished(tokens, plan, model)
    weights = [(folder / "model.safetensors").read_bytes() for folder in (whole, model)]
    reports = [json.loads((f / "training_report.json").read_text()) for f in (whole, model)]
    assert weights[0] == weights[1]
    assert reports[0]["losses"] == reports[1]["losses"]
    assert reports[1]["timing"]["starts"] == 3


def test_a_signal_to_all_its_processes_as_a_pod_gets_it_is_answered_by_a_checkpoint(
    tokens: Path, plan: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    process = start(tokens, plan, model, CONFIG.replace("workers: 0", "workers: 1"))
    checkpoints = model.with_name(model.name + ".checkpoints")
    while process.poll() is None and not list(checkpoints.glob("*/step-00000004")):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGTERM)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 75, told
    assert "saved at step" in told
