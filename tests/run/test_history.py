"""The program `codekiln` as a user runs it: real processes, a real repository, every step."""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import histories
import pytest
from local_runs import CODEKILN, codekiln, digests, only_run, run


def manifest_of(folder: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((folder / "MANIFEST_DYNAMIC.json").read_text())
    return told


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve commits: a few hundred tokens, some windows of the smoke recipe."""
    return histories.line(tmp_path_factory.mktemp("repository") / "r.git", 12).path


@pytest.fixture(scope="module")
def finished(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a whole run was started."""
    folder = tmp_path_factory.mktemp("finished")
    ended = run(folder, repository)
    assert ended.returncode == 0, ended.stderr
    return folder


def test_a_run_ends_with_a_report_a_manifest_and_a_model(finished: Path) -> None:
    made = only_run(finished)
    assert "<html" in (made / "report.html").read_text()
    told = manifest_of(made)
    wanted = {
        "execution_timestamp", "total_execution_time_seconds", "repository_stats",
        "training_parameters", "phase_results", "training_report",
    }  # fmt: skip
    assert wanted <= set(told)
    assert (made / "steps" / "train-model" / "model" / "model.safetensors").is_file()


def test_a_run_that_was_killed_and_resumed_ends_with_the_same_bytes(
    finished: Path, repository: Path, tmp_path: Path
) -> None:
    argv = ["run", "history", "--repository", str(repository), "--recipe", "smoke"]
    with subprocess.Popen([*CODEKILN, *argv], cwd=tmp_path, stderr=subprocess.PIPE) as process:
        assert process.stderr
        # The announcement of a step comes before it starts: this one is killed at its work.
        while b"train_model" not in process.stderr.readline():
            pass
        time.sleep(1)
        process.kill()
    ended = codekiln(tmp_path, "run", "history", "--resume")
    assert ended.returncode == 0, ended.stderr
    assert digests(only_run(tmp_path)) == digests(only_run(finished))


def test_every_step_keeps_its_log(finished: Path) -> None:
    steps = only_run(finished) / "steps"
    logs = {path.parent.name for path in steps.glob("*/log.txt") if "done" in path.read_text()}
    assert len(logs) == 7


def test_a_resumed_run_does_nothing_again(finished: Path) -> None:
    kept = only_run(finished)
    ended = codekiln(finished, "run", "history", "--resume", str(kept))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count(" kept ") == 6


def test_a_step_whose_output_is_gone_is_done_again_and_ends_the_same(finished: Path) -> None:
    made = only_run(finished)
    tokens = made / "steps" / "tokenize" / "tokens"
    before = (tokens / "tokens.bin").read_bytes()
    shutil.rmtree(tokens)
    ended = codekiln(finished, "run", "history", "--resume")
    assert ended.returncode == 0, ended.stderr
    assert (tokens / "tokens.bin").read_bytes() == before
    assert ended.stderr.count(" kept ") == 5


def test_the_commits_of_a_run_can_be_searched(finished: Path) -> None:
    ended = codekiln(finished, "search", "the seventh commit", "--limit", "3")
    assert ended.returncode == 0, ended.stderr
    assert "commit" in ended.stdout


def test_a_path_that_is_no_repository_names_the_step_and_writes_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    ended = run(tmp_path, tmp_path / "none")
    assert ended.returncode == 2
    made = only_run(tmp_path)
    assert "survey_history" in ended.stderr
    assert str(made / "steps" / "survey-history" / "log.txt") in ended.stderr
    assert "--resume" in ended.stderr
    assert "Traceback" not in ended.stderr
    told = json.dumps(manifest_of(made))
    assert "survey_history" in told
    assert not list((made / "steps").glob("*/*/model.safetensors"))


def told_nothing(folder: Path, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    ended = codekiln(folder, *argv)
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not (folder / "codekiln-runs").exists()
    return ended


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["run", "history"], "repository is missing"),
        (["run", "histroy"], "history"),
        (["run", "history", "--repositry", "."], "did you mean --repository"),
        (["run", "history", "--repository", ".", "--recipe", "lap"], "did you mean laptop"),
        (["run", "history", "--repository", ".", "--model-size", "big"], "tiny, small, medium"),
        (["run", "history", "--repository", ".", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["run", "history", "--repository", ".", "--config", "training: {sed: 1}"], "mean seed"),
        (["run", "history", "--resume"], "start one without --resume"),
        (["run", "history", "--resume", "nowhere"], "holds no run"),
        (["search", "x"], "holds no run"),
        (["run", "history", "--repository", "https://me:hunter2@x.org/r"], "carries a password"),
        ([], "COMMAND"),
    ],
)
def test_a_mistake_is_one_line_with_code_2_and_leaves_nothing(
    tmp_path: Path, argv: list[str], told: str
) -> None:
    assert told in told_nothing(tmp_path, argv).stderr


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "file").write_text("")
    argv = ["run", "history", "--repository", str(repository), "--runs", "file"]
    assert "cannot write into" in told_nothing(tmp_path, argv).stderr


def test_a_run_whose_disk_is_gone_ends_with_the_same_bytes_elsewhere(
    finished: Path, repository: Path, tmp_path: Path
) -> None:
    """Its copy in a store has the finished steps and the checkpoints, see mirror.py."""
    first, second, copies = tmp_path / "first", tmp_path / "second", tmp_path / "copies"
    for folder in (first, second):
        folder.mkdir()
    argv = ["run", "history", "--repository", str(repository), "--recipe", "smoke"]
    asked = [*argv, "--artifacts", copies.as_uri()]
    with subprocess.Popen([*CODEKILN, *asked], cwd=first, stderr=subprocess.PIPE) as process:
        assert process.stderr
        while b"train_model" not in process.stderr.readline():
            pass
        time.sleep(2)
        process.kill()
    name = only_run(first).name
    shutil.rmtree(only_run(first))
    ended = codekiln(second, "run", "history", "--resume", f"{copies.as_uri()}/{name}")
    assert ended.returncode == 0, ended.stderr
    # Embedding may come before the training or after it.
    assert ended.stderr.count(" kept ") == ended.stderr.count("fetched ") >= 4
    assert digests(only_run(second)) == digests(only_run(finished))
    assert (copies / name / "report.html").is_file()
    taken = codekiln(second, "run", "history", "--resume", str(copies / name))
    assert taken.returncode == 2
    assert f"is the copy of a run: give --resume {copies.as_uri()}/{name}" in taken.stderr
