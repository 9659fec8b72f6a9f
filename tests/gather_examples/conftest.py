"""A corpus of two repositories, in a folder: of two parts each has one."""

from pathlib import Path

import pytest
from example_corpora import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    made = Corpus(tmp_path)
    made.night(R_a=[1, 2, 11], R_d=[3])
    return made
