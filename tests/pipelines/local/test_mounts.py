import json
import subprocess
from pathlib import Path
from typing import Any

import histories
import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines.local import mounts
from codekiln_pipelines.local.mounts import Mount
from codekiln_pipelines.local.step import Step


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "r"
    folder.mkdir(parents=True)
    return folder


def seen(run: Path, phase: str = "survey_history", **told: Any) -> list[Mount]:
    step = Step(
        phase=phase,
        folder=run / "steps" / "s",
        command=[],
        executor_input={"inputs": {"parameterValues": told}},
    )
    return mounts.mounts_of(step, run)


def test_a_step_may_write_into_its_run_alone(run: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    found = seen(run, pretrained=str(tmp_path / "model"))
    assert found == [Mount(tmp_path / "model"), Mount(run, writable=True)]


def test_a_repository_that_holds_its_runs_is_mounted_before_them(tmp_path: Path) -> None:
    run = tmp_path / "codekiln-runs" / "r"
    run.mkdir(parents=True)
    assert seen(run, repository=str(tmp_path)) == [Mount(tmp_path), Mount(run, writable=True)]


def test_what_is_no_path_of_this_machine_is_not_mounted(run: Path) -> None:
    told = {"a": "/not/there", "b": "tiny", "c": "https://x.org/r", "d": "x" * 5000, "e": "\0"}
    assert seen(run, **told) == [Mount(run, writable=True)]


@pytest.mark.parametrize("place", ["/", "/usr", "/tmp", "/etc"])  # noqa: S108 -- never used
def test_folders_of_the_system_are_not_laid_over_the_image(run: Path, place: str) -> None:
    assert seen(run, repository=place) == [Mount(run, writable=True)]


def test_paths_in_the_sections_of_a_phase_are_seen(run: Path, tmp_path: Path) -> None:
    (tmp_path / "points").write_text("")
    config = json.dumps({"train_model": {"points": str(tmp_path / "points")}})
    assert Mount(tmp_path / "points") in seen(run, "train_model", config=config)
    assert Mount(tmp_path / "points") not in seen(run, "tokenize", config=config)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_where_checkpoints_are_kept_is_made_and_writable(
    run: Path, tmp_path: Path, scheme: str
) -> None:
    place = tmp_path / "big disk" / "checkpoints"
    config = json.dumps({"train_model": {"checkpoints": f"{scheme}{place}"}})
    assert Mount(place, writable=True) in seen(run, "train_model", config=config)
    assert place.is_dir()
    assert Mount(place, writable=True) not in seen(run, "report", config=config)


def test_checkpoints_in_a_bucket_are_no_folder(run: Path) -> None:
    config = json.dumps({"train_model": {"checkpoints": "s3://b/r"}})
    assert seen(run, "train_model", config=config) == [Mount(run, writable=True)]


def test_a_folder_inside_one_that_is_mounted_is_not_mounted_again(
    run: Path, tmp_path: Path
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    found = seen(run, x=str(tmp_path / "a"), y=str(tmp_path / "a" / "b"))
    assert found == [Mount(tmp_path / "a"), Mount(run, writable=True)]


def test_the_repository_of_a_folder_inside_it_is_mounted(run: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "r"], check=True)
    (tmp_path / "r" / "sub").mkdir()
    found = {mount.path for mount in seen(run, repository=str(tmp_path / "r" / "sub"))}
    assert {tmp_path / "r" / "sub", tmp_path / "r" / ".git"} <= found


def test_objects_that_are_borrowed_are_mounted(run: Path, tmp_path: Path) -> None:
    lender = histories.line(tmp_path / "lender.git", 2).path
    for number, source in enumerate([lender, tmp_path / "borrower0"]):
        borrower = tmp_path / f"borrower{number}"
        git = ["git", "-c", "safe.directory=*", "clone", "-q", "--shared"]
        subprocess.run([*git, source, borrower], check=True)
    found = {mount.path for mount in seen(run, repository=str(tmp_path / "borrower1"))}
    assert lender / "objects" in found
    assert tmp_path / "borrower0" / ".git" / "objects" in found


def test_links_out_of_a_folder_of_a_model_are_mounted(run: Path, tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").symlink_to("../blob")
    (tmp_path / "model" / "dead").symlink_to("../gone")
    found = seen(run, pretrained=str(tmp_path / "model"))
    assert Mount(tmp_path / "blob") in found
    assert len(found) == 3


def test_what_a_repository_says_it_borrows_from_is_mounted_if_it_holds_objects_alone(
    run: Path, tmp_path: Path
) -> None:
    made, home = histories.line(tmp_path / "theirs.git", 1).path, tmp_path / "home"
    home.mkdir()
    (made / "objects" / "info").mkdir(exist_ok=True)
    (made / "objects" / "info" / "alternates").write_text(f"/\n/etc\n{home}\n../../../home\n")
    found = {mount.path for mount in seen(run, repository=str(made))}
    assert found == {run, made}


def test_a_link_to_a_folder_in_a_model_mounts_nothing(run: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "home").symlink_to(tmp_path / "home")
    (tmp_path / "model" / "disk").symlink_to("/")
    found = {mount.path for mount in seen(run, pretrained=str(tmp_path / "model"))}
    assert found == {run, tmp_path / "model"}


def test_a_path_that_no_engine_mounts_is_one_line() -> None:
    with pytest.raises(InputError, match="has a comma, a quote or a line break in its path"):
        _ = Mount(Path("/a,b")).flag


def test_a_mount_stands_at_its_own_path() -> None:
    assert Mount(Path("/a b")).flag == "--mount=type=bind,source=/a b,destination=/a b,readonly"
    assert Mount(Path("/r"), writable=True).flag == "--mount=type=bind,source=/r,destination=/r"


def test_where_data_is_kept_beyond_the_run_may_be_written_and_is_made(
    run: Path, tmp_path: Path
) -> None:
    found = seen(run, "collect_pulls", data=str(tmp_path / "data"), repositories="a/b")
    assert found == [Mount(tmp_path / "data", writable=True), Mount(run, writable=True)]
    assert (tmp_path / "data").is_dir()
    assert seen(run, "collect_pulls", data="s3://bucket/pulls") == [Mount(run, writable=True)]


def test_what_an_artifact_only_names_is_seen_and_not_written(run: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "cleaned").mkdir(parents=True)
    named = {"reference.json": {"data": str(tmp_path / "corpus" / "cleaned"), "version": 1}}
    found = mounts.mounts_of(with_artifact(run, tmp_path / "cleaned", named), run)
    assert Mount(tmp_path / "corpus" / "cleaned") in found


def with_artifact(run: Path, folder: Path, files: dict[str, Any]) -> Step:
    """Return a step with one input artifact, a folder that holds these documents."""
    folder.mkdir()
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document))
    listed = {"artifacts": [{"uri": str(folder)}]}
    return Step(
        phase="train_tokenizer",
        folder=run / "steps" / "s",
        command=[],
        executor_input={"inputs": {"artifacts": {"cleaned": listed}}},
    )


def test_a_list_in_a_file_is_seen(run: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a/b")
    found = seen(run, "discover_repos", data="s3://b/c", repositories=str(tmp_path / "list.txt"))
    assert Mount(tmp_path / "list.txt") in found


def test_scratch_files_that_memory_cannot_hold_lie_in_the_folder_of_the_step(run: Path) -> None:
    def step(phase: str) -> Step:
        return Step(phase=phase, folder=run / "steps" / phase, command=[], executor_input={})

    collecting = step("collect_pulls")
    assert mounts.scratch(collecting) == {"TMPDIR": str(collecting.folder / "scratch")}
    assert mounts.scratch_of(collecting).is_dir()
    assert mounts.scratch(step("tokenize")) == {}
    assert mounts.scratch(step("no_phase_of_ours")) == {}
