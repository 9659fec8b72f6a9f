import json
from pathlib import Path
from typing import Any

from codekiln_pipelines.local import told
from codekiln_pipelines.local.step import Step


def step(phase: str = "survey_history", **values: Any) -> Step:
    return Step(
        phase=phase,
        folder=Path("/runs/r/steps/s"),
        command=[],
        executor_input={"inputs": {"parameterValues": values}},
    )


def test_parameters_are_told() -> None:
    assert list(told.words(step(repository="/r", size=3))) == ["/r"]


def test_a_phase_is_told_its_own_section_and_those_it_reads() -> None:
    config = json.dumps({"train_model": {"checkpoints": "s3://b/c"}, "training": {"x": ["/y"]}})
    assert {"s3://b/c", "/y"} <= set(told.words(step("train_model", config=config)))


def test_a_phase_is_not_told_what_others_read() -> None:
    config = json.dumps({"train_model": {"checkpoints": "s3://b/c"}})
    assert list(told.words(step("tokenize", config=config))) == []


def test_a_document_inside_a_parameter_is_looked_into() -> None:
    assert "/y" in list(told.words(step(status='{"a": ["/y"]}')))


def test_a_text_that_only_begins_like_a_document_is_a_text() -> None:
    assert list(told.words(step(note="{no"))) == ["{no"]
