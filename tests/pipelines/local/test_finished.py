import json
from pathlib import Path
from typing import Any

import pytest
from builders import finish

from codekiln_pipelines.local import finished
from codekiln_pipelines.local.step import Step, step_of


def training(run: Path, tokens: str = "t", /, **sections: Any) -> Step:
    """A step that reads a folder of its run and writes another."""
    (run / "steps" / "tokenize" / "tokens").mkdir(parents=True, exist_ok=True)
    (run / "steps" / "tokenize" / "tokens" / "tokens.bin").write_text(tokens)
    finish(run / "steps" / "tokenize" / "tokens", "tokenize", {})
    folder = run / "steps" / "train-model"
    source = str(run / "steps" / "tokenize" / "tokens")
    executor_input = {
        "inputs": {
            "parameterValues": {"size": "tiny", "config": json.dumps(sections)},
            "artifacts": {"tokens": {"artifacts": [{"uri": source}]}},
        },
        "outputs": {
            "outputFile": str(folder / "executor_output.json"),
            "artifacts": {"model": {"artifacts": [{"uri": str(folder / "model")}]}},
        },
    }
    told = json.dumps(executor_input)
    return step_of(
        ["python", "-m", "codekiln.train_model", "--executor-input", told, "--tokens", source]
    )


def digest(run: Path, tokens: str = "t", /, **sections: Any) -> str:
    return finished.digest_of(training(run, tokens, **sections))


def test_where_a_run_lies_does_not_matter(tmp_path: Path) -> None:
    assert digest(tmp_path / "a") == digest(tmp_path / "somewhere" / "b")


def test_what_an_input_holds_matters(tmp_path: Path) -> None:
    assert digest(tmp_path, "t") != digest(tmp_path, "u")


@pytest.mark.parametrize("section", ["training", "train_model", "hardware_monitoring"])
def test_a_section_that_the_phase_reads_matters(tmp_path: Path, section: str) -> None:
    changed: dict[str, Any] = {section: {"x": 1}}
    assert digest(tmp_path) != digest(tmp_path, **changed)


def test_a_section_that_others_read_does_not_matter(tmp_path: Path) -> None:
    assert digest(tmp_path, train_model={}) == digest(tmp_path, tokenize={"vocab_size": 512})


def test_where_checkpoints_are_kept_does_not_matter(tmp_path: Path) -> None:
    kept = {"checkpoints": "s3://bucket/run/checkpoints"}
    assert digest(tmp_path, train_model=kept) == digest(tmp_path, train_model={})


def test_a_moved_run_names_its_outputs_where_they_are_now(tmp_path: Path) -> None:
    step = training(tmp_path)
    path = step.folder / "executor_output.json"
    path.parent.mkdir(parents=True)
    before = {"artifacts": {"model": {"artifacts": [{"uri": "/old/model", "metadata": {"a": 1}}]}}}
    path.write_text(json.dumps(before))
    finished.settle(step)
    told = json.loads(path.read_text())["artifacts"]["model"]["artifacts"][0]
    assert told == {"uri": str(step.folder / "model"), "metadata": {"a": 1}}
