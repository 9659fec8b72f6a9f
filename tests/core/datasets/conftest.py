"""An empty data set, in a folder and in S3."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
import radosgw

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage import probe
from codekiln.core.storage.objects import Objects, open_store


@pytest.fixture(autouse=True)
def folders_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask each new folder once whether it creates objects once, not ten times."""
    monkeypatch.setattr(probe, "ROUNDS", 1)


@pytest.fixture(scope="session")
def bucket() -> str:
    return radosgw.server().new_bucket()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Objects]:
    """Open the same empty store as often as one likes."""
    if request.param == "folder":
        return lambda: open_store(str(tmp_path / "data"))
    name = request.getfixturevalue("bucket")
    radosgw.settle(monkeypatch, radosgw.server().environment())
    place = f"s3://{name}/{secrets.token_hex(8)}"
    return lambda: open_store(place)


@pytest.fixture
def dataset(opened: Callable[[], Objects]) -> Dataset:
    return Dataset(opened())
