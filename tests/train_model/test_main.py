import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import forked_programs
import pytest
from builders import finish
from transformers import GPT2LMHeadModel, GPT2Tokenizer

from codekiln.core import digest, manifest
from codekiln.core.tokens import folder
from codekiln.core.training import plan as planning
from codekiln.core.training.settings import EpochCalculation, Training
from codekiln.train_model.batches import hold_out

CONFIG = """
training: {base_learning_rate: 4e-3, checkpoint_steps: 2, workers: 0}
train_model: {size: tiny, sample_tokens: 8}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("plan")
    counts = planning.Counts(sequences=14, unique_tokens=780, total_tokens=884)
    calculation = EpochCalculation(target_tokens=1)
    planning.write(into, planning.plan_run(counts, Training(), calculation, 8))
    return finish(into, "plan_training", {})


def words(tokens: Path, plan: Path, model: Path, config: str = CONFIG) -> list[str]:
    told = ["--tokens", str(tokens), "--plan", str(plan), "--model", str(model)]
    return ["-m", "codekiln.train_model", *told, "--config", config]


def reached(step: int, model: Path) -> bool:
    """Say whether the checkpoint of `step` is there."""
    checkpoints = model.with_name(model.name + ".checkpoints")
    return bool(list(checkpoints.glob(f"*/step-{step:08d}")))


def stopped_after(
    step: int,
    words: Sequence[str],
    model: Path,
    number: int,
    send: Callable[[int, int], None] = os.kill,
) -> int:
    """Send `number` once the checkpoint of `step` is there; return the exit code."""
    process = forked_programs.start(words, model.with_name("log"), os.environ)
    while process.is_alive() and not reached(step, model):
        time.sleep(0.005)
    assert process.pid
    assert process.is_alive()
    send(process.pid, number)
    return forked_programs.ended(process)


@pytest.fixture(scope="module")
def whole(tokens: Path, plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = tmp_path_factory.mktemp("whole") / "model"
    # This one starts as a user starts it; the others are forked.
    done = subprocess.run(
        [sys.executable, *words(tokens, plan, model)],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "plan refitted to this machine: batch 2" in done.stderr
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
    assert report["weights_sha256"] == digest.of_file(whole / "model.safetensors")


def test_samples_begin_with_texts_that_were_held_out(whole: Path, tokens: Path) -> None:
    opened = folder.open_tokens(tokens)
    start = hold_out(opened.info, 0.1).validation[0].start
    tokenizer = GPT2Tokenizer.from_pretrained(str(whole))
    unseen, seen = tokenizer.decode(opened.ids[start:]), tokenizer.decode(opened.ids[:start])
    prompts = [told["prompt"] for told in json.loads((whole / "samples.json").read_text())]
    assert all(prompt in unseen and prompt not in seen for prompt in prompts)


def test_a_pretrained_start_is_named_by_its_bytes_in_the_manifest(
    tokens: Path, plan: Path, whole: Path, tmp_path: Path
) -> None:
    model, log = tmp_path / "model", tmp_path / "log"
    told = [*words(tokens, plan, model), "--pretrained", str(whole)]
    assert forked_programs.ended(forked_programs.start(told, log, os.environ)) == 0, log.read_text()
    assert manifest.read(model).inputs["pretrained"] == digest.of_folder(whole)
    assert set(manifest.read(whole).inputs) == {"tokens", "plan"}


def test_a_run_killed_and_told_to_stop_ends_with_the_same_bytes(
    tokens: Path, plan: Path, whole: Path, tmp_path: Path
) -> None:
    model, log = tmp_path / "model", tmp_path / "log"
    told = words(tokens, plan, model)
    assert stopped_after(4, told, model, signal.SIGKILL) == -signal.SIGKILL
    assert stopped_after(10, told, model, signal.SIGTERM) == 75
    assert not (model / manifest.NAME).exists()
    assert forked_programs.ended(forked_programs.start(told, log, os.environ)) == 0, log.read_text()
    assert "resuming after step" in log.read_text()
    weights = [digest.of_file(made / "model.safetensors") for made in (whole, model)]
    reports = [json.loads((f / "training_report.json").read_text()) for f in (whole, model)]
    assert weights[0] == weights[1]
    assert reports[0]["losses"] == reports[1]["losses"]
    assert reports[1]["timing"]["starts"] == 3


def test_a_signal_to_all_its_processes_as_a_pod_gets_it_is_answered_by_a_checkpoint(
    tokens: Path, plan: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    told = words(tokens, plan, model, CONFIG.replace("workers: 0", "workers: 1"))
    log = tmp_path / "log"
    assert stopped_after(4, told, model, signal.SIGTERM, os.killpg) == 75, log.read_text()
    assert "saved at step" in log.read_text()
