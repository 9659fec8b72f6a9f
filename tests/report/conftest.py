"""Runs as steps leave them, whole and in pieces."""

import json
from pathlib import Path

import builders
import pytest

from codekiln.core import manifest
from codekiln.core.corpus.commits import Unit

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\x00\u202e{{ 7*7 }}' + "W" * 500
PHASES = ("survey_history", "mine_commits", "tokenize", "plan_training", "train_model")
REPORT = {
    "stopped_because": "all epochs done",
    "epochs": 2,
    "losses": {
        "training": {"every": 1, "history": [5.0, 4.0, 3.5, 3.0], "min": 3.0, "max": 5.0},
        "best_validation": 3.25,
        "best_epoch": 2,
        "best_step": 4,
        "per_epoch": [
            {"epoch": 1, "step": 2, "training_loss": 4.5, "validation_loss": 4.25},
            {"epoch": 2, "step": 4, "training_loss": 3.25, "validation_loss": 3.25},
        ],
    },
    "perplexity": float("inf"),
    "learning_rate": {"max": 5e-5, "history": [1e-5, 5e-5, 3e-5, 1e-5]},
    "gradient_norm": {"max": 2.0, "history": [2.0, 1.0, 1.0, 1.0]},
    "timing": {"seconds": 7200.0, "steps": 4, "tokens": 800, "tokens_per_second": 10.0},
    "model": {"parameters": 355_871_744},
    "hardware": {"name": "one CPU", "cpus": 2, "peaks": {"cpu_percent": 97.5}},
}
PLAN = {
    "epochs": 2, "total_steps": 4, "learning_rate": 5e-5, "seconds_per_step": 900,
    "predicted_seconds": 3600, "predicted_cost": 2.0,
}  # fmt: skip


def step(root: Path, phase: str, output: str, files: dict[str, object]) -> Path:
    """Write the output folder of a phase, with JSON files in it."""
    folder = root / "steps" / phase.replace("_", "-") / output
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value))
    return builders.finish(folder, phase, {"things": 12_345})


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Return the root of a run that succeeded, about a repository with hostile texts."""
    root = tmp_path / "run"
    step(root, "survey_history", "survey", {"survey.json": {"branch_count": 3, "tag_count": 1}})
    commits = [
        builders.commit(
            number, HOSTILE, author_name=HOSTILE if number else "Ann", author_email="A@x",
            committer_time=1_600_000_000 + 40 * 86_400 * number, insertions=10,
            is_merge=number == 1, work_hour=9, day_of_week=2, is_high_risk=number == 0,
            units=[Unit(name=HOSTILE, files=2), Unit(name=".", files=1)],
        )
        for number in range(4)
    ]  # fmt: skip
    builders.mined(root / "steps" / "mine-commits" / "commits", commits)
    info = {"tokens": 20, "window": 8, "overlap": 2, "vocab_size": 300, "pad_id": 0, "dtype": "<u2"}
    step(root, "tokenize", "tokens", {"tokens.json": info})
    step(root, "plan_training", "plan", {"plan.json": PLAN})
    samples = [{"prompt": "<|commit|>", "text": HOSTILE, "ended": True}]
    step(root, "train_model", "model", {"training_report.json": REPORT, "samples.json": samples})
    manifest.write_json(root / "run.json", {"pipeline": "history", "parameters": {"a_b": "c d"}})
    return root


@pytest.fixture
def failed(whole: Path) -> Path:
    """Return the root of a run whose training failed."""
    folder = whole / "steps" / "train-model"
    for path in sorted((folder / "model").iterdir()):
        path.unlink()
    told = {"phase": "train_model", "error": "no space left; free some", "exit_code": 2}
    manifest.write_json(folder / "failure.json", told)
    (folder / "log.txt").write_text("".join(f"line {n}\n" for n in range(100)) + HOSTILE)
    return whole
