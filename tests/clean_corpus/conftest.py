"""Where the data sets of a corpus lie."""

import secrets
from pathlib import Path

import pytest
import radosgw


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def corpus(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URI of an empty corpus, in a folder and in S3."""
    if request.param == "folder":
        return str(tmp_path / "corpus")
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    return f"s3://{server.new_bucket()}/{secrets.token_hex(8)}"
