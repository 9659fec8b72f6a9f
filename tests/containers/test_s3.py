"""Containers with their artifacts in S3: a run goes on where its disk is gone, and no secret stays.

The secret is planted where a user keeps it; then everything that runs leave is searched for it.
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import radosgw
from local_runs import CODEKILN, codekiln, digests, only_run

from codekiln.core.storage.objects import Objects, open_store
from codekiln_pipelines import packages
from codekiln_pipelines.local.engine import Engine

pytestmark = [pytest.mark.platform, pytest.mark.s3]

TOKEN = "planted/token+of=nobody-77c1"  # noqa: S105 -- the bait
BAITS = (radosgw.SECRET_KEY, TOKEN)
CONFIG = "{training: {checkpoint_steps: 1}, logging: {level: debug}}"
"""Trains as `finished` does. What says most is most likely to say too much."""


@pytest.fixture(scope="module")
def bucket() -> Iterator[Objects]:
    """Return a bucket that only the planted secret opens, over TLS."""
    server = radosgw.server()
    with pytest.MonkeyPatch.context() as patch:
        radosgw.settle(patch, server.environment(tls=True))
        for name in ("KFP_TOKEN", "GITHUB_TOKEN", "CODEKILN_TOKEN"):
            patch.setenv(name, TOKEN)
        yield open_store(f"s3://{server.new_bucket()}")


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


def test_the_search_finds_what_it_looks_for(bucket: Objects, tmp_path: Path) -> None:
    encoded = base64.b64encode(f"user:{TOKEN}".encode())
    (tmp_path / "a.txt").write_bytes(b"authorization: " + encoded)
    bucket.write("b/c.json", radosgw.SECRET_KEY.encode())
    assert leaks(bucket, tmp_path) == [str(tmp_path / "a.txt"), "b/c.json"]
    bucket.delete("b/c.json")


def asked(bucket: Objects, repository: str) -> list[str]:
    told = ["run", "history", "--repository", repository, "--recipe", "smoke", "--config", CONFIG]
    return [*told, "--verbose", "--artifacts", f"{bucket.uri}/runs", "--containers"]


@dataclass(frozen=True)
class Story:
    """A run that was killed at its training, whose disk was then lost, and which went on."""

    said: str
    """What both lives wrote on stderr and stdout."""
    leaks: tuple[str, ...]
    """What held a bait when the first had been killed."""
    made: Path
    """The run on the second disk."""
    code: int


def killed(podman: Engine, folder: Path, argv: list[str]) -> tuple[Path, str]:
    """Start a run and kill it at its training; return its folder, and what it said."""
    said: list[str] = []
    command = [*CODEKILN, *argv]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "… train_model" not in (said or [""])[-1]:
            said.append(process.stderr.readline())
        time.sleep(6)
        process.kill()
        said.append(process.stderr.read())
    made = only_run(folder)
    podman.remove(*containers_of(podman, made))
    return made, "".join(said)


def containers_of(podman: Engine, made: Path) -> list[str]:
    label = json.loads((made / "containers.json").read_text())["label"]
    return podman.call("ps", "--all", "--quiet", f"--filter=label=codekiln.run={label}").split()


@pytest.fixture(scope="module")
def story(
    podman: Engine, bucket: Objects, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Story:
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    made, before = killed(podman, first, asked(bucket, str(repository)))
    found = tuple(leaks(bucket, made))
    shutil.rmtree(made)
    resume = ("--resume", f"{bucket.uri}/runs/{made.name}", "--verbose", "--containers")
    ended = codekiln(second, "run", "history", *resume)
    told = before + ended.stdout + ended.stderr
    return Story(said=told, leaks=found, made=only_run(second), code=ended.returncode)


def test_a_run_of_containers_goes_on_from_its_copy_in_s3(story: Story, finished: Path) -> None:
    assert story.code == 0, story.said
    # Embedding may come before the training or after it.
    assert story.said.count(" kept ") == story.said.count("fetched ") >= 4
    assert digests(story.made) == digests(only_run(finished))


def test_a_run_leaves_no_secret_anywhere(story: Story, podman: Engine, bucket: Objects) -> None:
    assert story.code == 0, story.said
    assert list(bucket.names("runs/"))
    assert not holds_a_bait(story.said.encode())
    assert story.leaks == ()
    assert leaks(bucket, story.made) == []
    assert containers_of(podman, story.made) == []


def test_a_run_that_fails_tells_no_secret_either(
    podman: Engine, bucket: Objects, tmp_path: Path
) -> None:
    ended = codekiln(tmp_path, *asked(bucket, f"https://localhost:1/{podman.program}.git"))
    assert ended.returncode != 0
    assert (only_run(tmp_path) / "report.html").exists()
    assert not holds_a_bait((ended.stdout + ended.stderr).encode())
    assert leaks(bucket, tmp_path) == []


def test_a_package_for_a_cluster_names_its_secrets_and_holds_none(
    bucket: Objects, tmp_path: Path
) -> None:
    packages.compile_into("history", tmp_path / "history.yaml")
    assert "codekiln-s3" in (tmp_path / "history.yaml").read_text()
    assert leaks(bucket, tmp_path) == []
