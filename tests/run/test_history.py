"""The program `codekiln` as a user runs it: real processes, a real repository, every step."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import histories
import pytest
from local_runs import CODEKILN, codekiln, digests, only_run, run

from codekiln_pipelines import cli

ROOT = Path(__file__).parents[2]


def manifest_of(folder: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((folder / "MANIFEST_DYNAMIC.json").read_text())
    return told


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve commits: a few hundred tokens, some windows of the smoke recipe."""
    return histories.line(tmp_path_factory.mktemp("repository") / "r.git", 12).path


@pytest.fixture(scope="module")
def finished(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a whole run was started, and `said`, what it said.

    It was started by the README's first command, in a checkout of its own, with this machine's
    .venv.
    """
    folder = tmp_path_factory.mktemp("finished")
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "constraints.txt", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    ended = subprocess.run(
        ["make", "--old-file=.venv/.ready", "demo", f"REPO={repository}", "RECIPE=smoke"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "HOME": str(folder / "home")},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    (folder / "said").write_text(ended.stderr)
    return folder


@dataclass(frozen=True)
class Killed:
    """A run that was killed at its training, and its copy in a store."""

    folder: Path
    """Where it was started."""
    copies: Path
    """What the copy was then; it goes on with whoever resumes the run in that folder."""


@pytest.fixture(scope="module")
def killed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder, copies = (tmp_path_factory.mktemp(name) for name in ("killed", "copies"))
    argv = ["run", "history", "--repository", str(repository), "--recipe", "smoke"]
    argv += ["--artifacts", copies.as_uri()]
    with subprocess.Popen(
        [*CODEKILN, *argv], cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        # The announcement of a step comes before it starts: this one is killed at its work.
        while "… train_model" not in process.stderr.readline():
            pass
        time.sleep(2)
        process.kill()
    assert not (only_run(folder) / "steps" / "train-model" / "step.json").exists()
    return Killed(folder, shutil.copytree(copies, folder.with_name("copied")))


def test_make_demo_ends_by_saying_where_the_report_is(finished: Path) -> None:
    reports = re.findall(r"report\.html +(\S+)", (finished / "said").read_text())
    assert Path(reports[-1]) == only_run(finished) / "report.html"


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
    finished: Path, killed: Killed, tmp_path: Path
) -> None:
    shutil.copytree(killed.folder, tmp_path, dirs_exist_ok=True)
    ended = codekiln(tmp_path, "run", "history", "--resume")
    assert ended.returncode == 0, ended.stderr
    # Embedding may come before the training or after it.
    assert ended.stderr.count(" kept ") >= 4
    assert "fetched" not in ended.stderr
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


def test_a_url_that_is_no_repository_names_the_step_and_writes_a_manifest(tmp_path: Path) -> None:
    ended = run(tmp_path, (tmp_path / "none").as_uri())
    assert ended.returncode == 2
    made = only_run(tmp_path)
    assert "survey_history" in ended.stderr
    assert str(made / "steps" / "survey-history" / "log.txt") in ended.stderr
    assert "--resume" in ended.stderr
    assert "Traceback" not in ended.stderr
    told = json.dumps(manifest_of(made))
    assert "survey_history" in told
    assert not list((made / "steps").glob("*/*/model.safetensors"))


def test_a_mistake_is_one_line_on_stderr_and_no_traceback(tmp_path: Path) -> None:
    ended = codekiln(tmp_path, "run", "history")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "repository is missing" in ended.stderr


@pytest.fixture
def told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what the program says of a mistake: one line, with code 2, and nothing is left.

    Here the program is a call, as its imports take two seconds.
    """

    def told(*argv: str) -> str:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as caught:
            cli.main(argv)
        assert caught.value.code == 2
        out, err = capfd.readouterr()
        assert (out, len(err.strip().splitlines())) == ("", 1)
        assert not (tmp_path / "codekiln-runs").exists()
        return err

    return told


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
        (["search", "x"], "holds no run that embedded its commits"),
        (["run", "history", "--repository", ""], "repository is missing"),
        (["run", "history", "--repository", "nowhere"], "nowhere does not exist"),
        (["run", "history", "--repository", "."], "is not a git repository that can be read"),
        (["run", "history", "--repository", ".", "--config", "tokenize: 5"], "must map settings"),
        (["run", "history", "--repository", "https://me:hunter2@x.org/r"], "carries a password"),
        ([], "COMMAND"),
    ],
)
def test_a_mistake_is_one_line_with_code_2_and_leaves_nothing(
    told_of: Callable[..., str], argv: list[str], told: str
) -> None:
    assert told in told_of(*argv)


def test_a_folder_that_cannot_be_written_is_one_line(
    told_of: Callable[..., str], tmp_path: Path, repository: Path
) -> None:
    (tmp_path / "file").write_text("")
    argv = ["run", "history", "--repository", str(repository), "--runs", "file"]
    assert "cannot write into" in told_of(*argv)


def test_a_run_whose_disk_is_gone_ends_with_the_same_bytes_elsewhere(
    finished: Path, killed: Killed, tmp_path: Path
) -> None:
    """Its copy in a store has the finished steps and the checkpoints, see mirror.py."""
    copies, second = tmp_path / "copies", tmp_path / "second"
    shutil.copytree(killed.copies, copies)
    second.mkdir()
    name = only_run(killed.folder).name
    ended = codekiln(second, "run", "history", "--resume", f"{copies.as_uri()}/{name}")
    assert ended.returncode == 0, ended.stderr
    # Embedding may come before the training or after it.
    assert ended.stderr.count(" kept ") == ended.stderr.count("fetched ") >= 4
    assert digests(only_run(second)) == digests(only_run(finished))
    assert (copies / name / "report.html").is_file()
    taken = codekiln(second, "run", "history", "--resume", str(copies / name))
    assert taken.returncode == 2
    assert f"is the copy of a run: give --resume {copies.as_uri()}/{name}" in taken.stderr
