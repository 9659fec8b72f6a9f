import json
from pathlib import Path
from typing import Any

import pytest

from codekiln.core.errors import InputError
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


@pytest.mark.parametrize(
    ("data", "corpus"),
    [
        ("/d", "/d"), ("/d", "/d/made"), ("/d/", "/d"), ("s3://b/p", "s3://b/p/"),
        ("s3://b", "s3://b/corpus"),
    ],
)  # fmt: skip
def test_what_is_made_does_not_lie_among_what_it_is_made_of(data: str, corpus: str) -> None:
    with pytest.raises(InputError, match=r"^corpus is [^\n]* give each a place of its own"):
        told.refuse_nested({"data": data, "corpus": corpus})


@pytest.mark.parametrize(
    ("data", "corpus"),
    [
        ("/d", "/data"),
        ("/c/d", "/c"),
        ("s3://b/p", "s3://b/pulls"),
        ("/d", ""),
        ("/b/p", "s3://b/p"),
    ],
)
def test_places_beside_each_other_are_taken(data: str, corpus: str) -> None:
    told.refuse_nested({"data": data, "corpus": corpus})
