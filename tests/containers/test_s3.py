"""A run of containers with its artifacts in S3: it goes on where its disk is gone."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import histories
import pytest
import radosgw
from local_runs import CODEKILN, codekiln, digests, only_run

from codekiln_pipelines.local.engine import Engine

pytestmark = [pytest.mark.platform, pytest.mark.s3]


def test_a_run_of_containers_goes_on_from_its_copy_in_s3(
    podman: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment(tls=True))
    artifacts = f"s3://{server.new_bucket()}/runs"
    repository = histories.line(tmp_path / "r.git", 12).path
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    asked = ["run", "history", "--repository", str(repository), "--recipe", "smoke"]
    asked += ["--config", "training: {checkpoint_steps: 1}"]
    how = ["--containers", "--engine", podman.program]
    argv = [*CODEKILN, *asked, *how, "--artifacts", artifacts]
    with subprocess.Popen(argv, cwd=first, stderr=subprocess.PIPE) as process:
        assert process.stderr
        while b"train_model" not in process.stderr.readline():
            pass
        time.sleep(6)
        process.kill()
    made = only_run(first)
    secret = radosgw.SECRET_KEY.encode()
    assert not [path for path in made.rglob("*") if path.is_file() and secret in path.read_bytes()]
    label = json.loads((made / "containers.json").read_text())["label"]
    left = podman.call("ps", "--all", "--quiet", f"--filter=label=codekiln.run={label}")
    podman.remove(*left.split())
    shutil.rmtree(made)
    ended = codekiln(second, "run", "history", "--resume", f"{artifacts}/{made.name}", *how)
    assert ended.returncode == 0, ended.stderr
    # Embedding may come before the training or after it.
    assert ended.stderr.count(" kept ") == ended.stderr.count("fetched ") >= 4
    plain = codekiln(tmp_path, *asked, *how, env=dict(os.environ))
    assert plain.returncode == 0, plain.stderr
    assert digests(only_run(second)) == digests(only_run(tmp_path))
