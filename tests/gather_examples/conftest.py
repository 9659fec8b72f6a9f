"""A corpus of two repositories, in a folder: of two parts each has one."""

from pathlib import Path

import pytest
from example_corpora import Corpus

from codekiln.core.storage import probe


@pytest.fixture(autouse=True)
def folders_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask each new folder once whether it creates objects once, not ten times."""
    monkeypatch.setattr(probe, "ROUNDS", 1)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    made = Corpus(tmp_path)
    made.night(R_a=[1, 2, 11], R_d=[3])
    return made
