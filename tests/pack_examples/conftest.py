"""Tokens of many examples, made once."""

from pathlib import Path

import pytest
from example_folders import example, function
from packed_examples import MANY, cleaned, made, run, tokenizer, without_plan


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make tokens of many examples, some of which cannot be packed, in the folder `tokens`."""
    root = tmp_path_factory.mktemp("packed")
    tokenizer(root / "tokenizer")
    long = function(1, lines=40)
    some = [*MANY, made(700), without_plan(701), example(702, code=long)]
    cleaned(root / "cleaned", some, files=2)
    run(root / "cleaned", root / "tokenizer", root / "tokens")
    return root
