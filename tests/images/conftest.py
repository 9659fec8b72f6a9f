"""The scripts of images/ are programs, not a package: their folder goes on the path here."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parents[1] / "images"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these tests first: they build the images that others run."""
    items.sort(key=lambda item: item.path.parent != HERE)
