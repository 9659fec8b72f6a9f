import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines.local import runs

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_run_is_named_for_its_pipeline_its_repository_and_its_time(tmp_path: Path) -> None:
    run = runs.create(tmp_path, "history", {"repository": "https://x.org/a/b c.git"}, NOW)
    assert run.folder.name == "history-b-c-20260102-030405"
    assert run.steps.is_dir()


def test_two_runs_in_one_second_get_two_folders(tmp_path: Path) -> None:
    names = [runs.create(tmp_path, "history", {}, NOW).folder.name for _ in range(3)]
    assert len(set(names)) == 3


def test_a_run_is_found_again_by_its_repository(tmp_path: Path) -> None:
    made = runs.create(tmp_path, "history", {"repository": "/a"}, NOW)
    runs.create(tmp_path, "history", {"repository": "/b"}, NOW)
    assert runs.latest(tmp_path, "history", "/a") == made


def test_where_there_is_no_run_the_user_is_told_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run of history of /a; start one"):
        runs.latest(tmp_path, "history", "/a")


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / runs.ASKED).write_text(text)
    with pytest.raises(InputError, match="holds no run"):
        runs.load(tmp_path)


def test_a_run_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\(run.json: No such file or directory\)"):
        runs.load(tmp_path / "gone")


def test_a_base_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write into"):
        runs.create(tmp_path / "file", "history", {}, NOW)


def test_a_second_process_cannot_work_in_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(tmp_path, "history", {}, NOW)
    monkeypatch.setattr(runs, "LOCK_WAIT_S", 0.3)
    holder = (
        "import sys; from pathlib import Path; from codekiln_pipelines.local import runs\n"
        "with runs.locked(runs.load(Path(sys.argv[1]))): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(run.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="is at work in another process"), runs.locked(run):
            pass
        process.communicate("\n")
    with runs.locked(run):
        pass


@pytest.mark.parametrize("name", ["pipeline.yaml", "steps/tokenize", "steps/report/report/page"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_with_a_link_in_it_is_not_gone_on_with(
    tmp_path: Path, name: str, is_there: bool
) -> None:
    run = runs.create(tmp_path / "runs", "history", {}, NOW)
    (run.steps / "report" / "report").mkdir(parents=True)
    runs.refuse_links(run.folder)
    if is_there:
        (tmp_path / "precious").mkdir()
    (run.folder / name).symlink_to(tmp_path / "precious")
    with pytest.raises(InputError, match=f"{name} is a link"):
        runs.refuse_links(run.folder)
