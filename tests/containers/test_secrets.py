"""A secret is planted where a user keeps it; then everything that runs leave is searched for it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import histories
import pytest
import radosgw
from local_runs import codekiln, only_run

from codekiln.core.storage.objects import Objects, open_store
from codekiln_pipelines import packages
from codekiln_pipelines.local.engine import Engine

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.platform, pytest.mark.s3]

TOKEN = "planted/token+of=nobody-77c1"  # noqa: S105 -- the bait
BAITS = (radosgw.SECRET_KEY, TOKEN)
DEBUG = "logging: {level: debug}"
"""What says most is most likely to say too much."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """Return a bucket that only the planted secret opens."""
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    for name in ("KFP_TOKEN", "GITHUB_TOKEN", "CODEKILN_TOKEN"):
        monkeypatch.setenv(name, TOKEN)
    return open_store(f"s3://{server.new_bucket()}")


def spellings(secret: str) -> Iterator[bytes]:
    """Yield `secret` as it stands, and as files and URLs may hold it."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    for shift in range(3):
        # Base64 of a text inside another depends on where it begins; its ends are cut off.
        padded = base64.b64encode(b"x" * shift + secret.encode())
        yield padded[4:-4]


def holds_a_bait(data: bytes) -> bool:
    return any(spelled in data for bait in BAITS for spelled in spellings(bait))


def leaks(bucket: Objects, *folders: Path) -> list[str]:
    """Return the files and objects that hold a bait."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = [str(path) for path in files if holds_a_bait(path.read_bytes())]
    return found + [name for name in bucket.names() if holds_a_bait(bucket.read(name))]


def run(folder: Path, bucket: Objects, repository: str) -> "subprocess.CompletedProcess[str]":
    folder.mkdir()
    asked = ["--repository", repository, "--recipe", "smoke", "--config", DEBUG, "--verbose"]
    elsewhere = ["--artifacts", f"{bucket.uri}/runs", "--containers"]
    return codekiln(folder, "run", "history", *asked, *elsewhere)


def test_the_search_finds_what_it_looks_for(bucket: Objects, tmp_path: Path) -> None:
    encoded = base64.b64encode(f"user:{TOKEN}".encode())
    (tmp_path / "a.txt").write_bytes(b"authorization: " + encoded)
    bucket.write("b/c.json", radosgw.SECRET_KEY.encode())
    assert leaks(bucket, tmp_path) == [str(tmp_path / "a.txt"), "b/c.json"]


def test_a_run_leaves_no_secret_anywhere(podman: Engine, bucket: Objects, tmp_path: Path) -> None:
    ended = run(tmp_path / "runs", bucket, str(histories.line(tmp_path / "r.git", 12).path))
    assert ended.returncode == 0, ended.stderr
    assert list(bucket.names("runs/"))
    assert not holds_a_bait((ended.stdout + ended.stderr).encode())
    assert leaks(bucket, tmp_path / "runs") == []
    assert not podman.call("ps", "--all", "--quiet", "--filter=label=codekiln.run")


def test_a_run_that_fails_tells_no_secret_either(
    podman: Engine, bucket: Objects, tmp_path: Path
) -> None:
    repository = f"https://localhost:1/{podman.program}.git"
    ended = run(tmp_path / "runs", bucket, repository)
    assert ended.returncode != 0
    assert (only_run(tmp_path / "runs") / "report.html").exists()
    assert not holds_a_bait((ended.stdout + ended.stderr).encode())
    assert leaks(bucket, tmp_path / "runs") == []


def test_a_package_for_a_cluster_names_its_secrets_and_holds_none(
    bucket: Objects, tmp_path: Path
) -> None:
    packages.compile_into("history", tmp_path / "history.yaml")
    assert "codekiln-s3" in (tmp_path / "history.yaml").read_text()
    assert leaks(bucket, tmp_path) == []
