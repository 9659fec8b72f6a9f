"""How a run is put together from its settings: what is trained on, held out, and told apart."""

import time
from pathlib import Path
from typing import Any

import pytest
from builders import finish

from codekiln.core import manifest
from codekiln.core.errors import InputError
from codekiln.core.training import plan as planning
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.settings import EpochCalculation, Training
from codekiln.train_model import run
from codekiln.train_model.batches import Rows, hold_out
from codekiln.train_model.settings import Settings


@pytest.fixture
def told(tokens: Path, tmp_path: Path) -> dict[str, Any]:
    counts = planning.Counts(sequences=14, unique_tokens=780, total_tokens=884)
    folder = tmp_path / "plan"
    planning.write(folder, planning.plan_run(counts, Training(), EpochCalculation(), 8))
    finish(folder, "plan_training", {})
    return {"tokens": tokens, "plan": folder, "model": tmp_path / "model", "size": "tiny"}


def fingerprint(told: dict[str, Any], **more: Any) -> str:
    settings = Settings.model_validate({**told, **more})
    plan = planning.read(settings.plan)
    return run.fingerprint_of(settings, plan, run.sources_of(settings))


def test_the_oldest_windows_are_trained_on_and_the_newest_tokens_scored_once(
    told: dict[str, Any], tmp_path: Path
) -> None:
    interval = {"collection_interval_seconds": 0.01}
    settings = Settings.model_validate({**told, "hardware_monitoring": interval})
    found = run.materials(settings)
    model = run.model_of(settings, found)
    store = LocalStore(tmp_path / "checkpoints")
    job = run.job_of(settings, found, model, store, "f")
    split = hold_out(found.tokens.info, 0.1)
    assert isinstance(job.training_rows, Rows)
    assert isinstance(job.validation_rows, Rows)
    assert job.training_rows.windows == split.training
    assert job.validation_rows.windows == split.validation
    assert not job.training_rows.each_token_once
    assert job.validation_rows.each_token_once
    assert job.plan.training_sequences == len(split.training)
    with job.monitor:
        time.sleep(0.3)
    assert len(job.monitor.samples) > 4
    store.close()


def test_a_pretrained_model_of_another_tokenizer_is_refused_though_the_sizes_agree(
    told: dict[str, Any], tmp_path: Path
) -> None:
    settings = Settings.model_validate(told)
    found = run.materials(settings)
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        run.model_of(settings, found).save(folder)
        run.copy_tokenizer(found.tokens.tokenizer, folder)
    for name in ("tokenizer.json", "vocab.json"):
        path = other / name
        if path.is_file():
            # Two words change places: as many ids, other meanings.
            text = path.read_text().replace('"a":', '"-":').replace('"b":', '"a":')
            path.write_text(text.replace('"-":', '"b":'))
    run.model_of(settings.model_copy(update={"pretrained": own}), found)
    with pytest.raises(
        InputError, match=r"2 of its \d+ tokens have another id here; .*--tokenizer"
    ):
        run.model_of(settings.model_copy(update={"pretrained": other}), found)
    for path in other.glob("*.json"):
        if path.name not in ("config.json", "generation_config.json"):
            path.unlink()
    run.model_of(settings.model_copy(update={"pretrained": other}), found)


def test_dropout_is_as_told_and_never_in_attention(told: dict[str, Any]) -> None:
    settings = Settings.model_validate({**told, "dropout": 0.25})
    config = run.model_of(settings, run.materials(settings)).network.config
    assert (config.resid_pdrop, config.embd_pdrop, config.attn_pdrop) == (0.25, 0.25, 0.0)


@pytest.mark.parametrize(
    "other",
    [
        {"size": "small"},
        {"dropout": 0.2},
        {"training": {"seed": 43}},
        {"training": {"weight_decay": 0.02}},
        {"training": {"validation_split": 0.2}},
    ],
)
def test_what_changes_the_weights_is_another_run(
    told: dict[str, Any], other: dict[str, Any]
) -> None:
    assert fingerprint(told, **other) != fingerprint(told)


@pytest.mark.parametrize(
    "same",
    [
        {"samples": 9},
        {"training": {"workers": 3, "keep_checkpoints": 5, "checkpoint_minutes": 1}},
        {"hardware_monitoring": {"collection_interval_seconds": 1}},
    ],
)
def test_what_only_says_when_and_where_is_the_same_run(
    told: dict[str, Any], same: dict[str, Any]
) -> None:
    assert fingerprint(told, **same) == fingerprint(told)


def test_other_tokens_another_start_and_another_plan_are_other_runs(
    told: dict[str, Any], tokens: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").write_text("other tokens")
    finish(other, "tokenize", {})
    assert manifest.read(other).digest != manifest.read(tokens).digest
    assert fingerprint(told, tokens=other) != fingerprint(told)
    started = fingerprint(told, pretrained=other)
    (other / "a").write_text("other weights")
    assert fingerprint(told) != started != fingerprint(told, pretrained=other)
    counts = planning.Counts(sequences=14, unique_tokens=780, total_tokens=884)
    longer = EpochCalculation(min_epochs=4, max_epochs=4)
    before = fingerprint(told)
    planning.write(told["plan"], planning.plan_run(counts, Training(), longer, 8))
    assert fingerprint(told) != before
