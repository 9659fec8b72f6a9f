"""A data set and a run, empty as yet."""

from pathlib import Path

import pytest
from ledgers_made import Collected, LeftRun


@pytest.fixture
def data(tmp_path: Path) -> Collected:
    return Collected(tmp_path / "data")


@pytest.fixture
def left(tmp_path: Path) -> LeftRun:
    return LeftRun(tmp_path / "run")
