"""The whole history pipeline as containers: the same package, the same bytes as processes."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from local_runs import CODEKILN, codekiln, digests, only_run, run

from codekiln_pipelines.local.engine import Engine

pytestmark = pytest.mark.platform


@pytest.fixture(scope="module")
def engine(podman: Engine) -> str:
    return podman.program


@pytest.fixture(scope="module")
def processes(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a whole run of processes was started."""
    folder = tmp_path_factory.mktemp("processes")
    ended = run(folder, repository, "--config", "training: {checkpoint_steps: 1}")
    assert ended.returncode == 0, ended.stderr
    return folder


def test_containers_and_processes_end_with_the_same_bytes(finished: Path, processes: Path) -> None:
    # Two builds of zlib pack the same vectors into different bytes.
    told = [digests(only_run(folder)) for folder in (finished, processes)]
    packed = [digest.pop("embeddings") for digest in told]
    assert all(packed)
    assert told[0] == told[1]


def test_containers_and_processes_end_with_the_same_vectors(
    finished: Path, processes: Path
) -> None:
    first, second = (vectors(only_run(folder)) for folder in (finished, processes))
    assert first.shape == (12, 384)
    np.testing.assert_array_equal(first, second)


def vectors(made: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Return the embeddings of a run."""
    with np.load(made / "steps" / "embed-commits" / "embeddings" / "embeddings.npz") as file:
        found: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = file["embeddings"]
        return found


def test_every_file_belongs_to_the_user(finished: Path) -> None:
    owners = {path.lstat().st_uid for path in only_run(finished).rglob("*")}
    assert owners == {os.getuid()}


def test_each_step_keeps_its_image_and_what_it_used(finished: Path) -> None:
    told = [json.loads(path.read_text()) for path in only_run(finished).glob("steps/*/step.json")]
    assert len(told) == 7
    assert all(len(step["image"]) == 64 for step in told)
    assert max(step["cpu_seconds"] or 0 for step in told) > 1
    assert max(step["max_rss_mib"] or 0 for step in told) > 50


def test_what_containers_did_processes_need_not_do_again(finished: Path) -> None:
    ended = codekiln(finished, "run", "history", "--resume", str(only_run(finished)))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count(" kept ") == 6


def test_what_processes_did_containers_need_not_do_again(processes: Path, engine: str) -> None:
    asked = ("--resume", str(only_run(processes)), "--containers", "--engine", engine)
    ended = codekiln(processes, "run", "history", *asked)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count(" kept ") == 6


def test_a_run_that_was_killed_and_resumed_ends_with_the_same_bytes(
    finished: Path, engine: str, tmp_path: Path
) -> None:
    """It trains anew, and is killed at that; what came before the training it keeps."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    made = only_run(tmp_path)
    for folder in ("steps/train-model", "steps/report", "checkpoints"):
        shutil.rmtree(made / folder)
    resumed = ("run", "history", "--resume", "--containers", "--engine", engine)
    with subprocess.Popen(
        [*CODEKILN, *resumed], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        while "… train_model" not in process.stderr.readline():
            pass
        time.sleep(3)
        process.kill()
    assert not (made / "steps/train-model/step.json").exists()
    ended = codekiln(tmp_path, *resumed)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count(" kept ") == 5
    assert digests(made) == digests(only_run(finished))


def test_ctrl_c_ends_the_step_and_leaves_no_container(
    repository: Path, podman: Engine, tmp_path: Path
) -> None:
    argv = ["run", "history", "--repository", str(repository), "--recipe", "smoke"]
    asked = ["--containers", "--engine", podman.program]
    with subprocess.Popen(
        [*CODEKILN, *argv, *asked], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        while "mine_commits" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 130
    assert "to go on: codekiln run history --resume" in said
    label = json.loads((only_run(tmp_path) / "containers.json").read_text())["label"]
    assert not podman.call("ps", "--all", "--quiet", f"--filter=label=codekiln.run={label}")


def test_images_that_are_missing_are_one_line_and_leave_nothing(
    repository: Path, engine: str, tmp_path: Path
) -> None:
    asked = ("run", "history", "--repository", str(repository), "--containers", "--engine", engine)
    ended = codekiln(tmp_path, *asked, env={"CODEKILN_TAG": "never"})
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "codekiln-train-model:never: build it with `make images`" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_limit_that_is_too_low_names_the_flag(
    repository: Path, engine: str, tmp_path: Path
) -> None:
    ended = run(tmp_path, repository, "--containers", "--engine", engine, "--memory", "16m")
    assert ended.returncode == 137
    assert "its limit was 16 MiB; raise it with --memory" in ended.stderr
    assert "--containers" in ended.stderr.splitlines()[-2]
