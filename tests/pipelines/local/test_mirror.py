import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import finish

from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.storage.local import LocalFolder
from codekiln_pipelines import packages
from codekiln_pipelines.local import mirror, runs
from codekiln_pipelines.local.mirror import Mirror
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.step import STEP, Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def package(tmp_path: Path) -> dict[str, Any]:
    packages.compile_into("history", tmp_path / "history.yaml")
    return packages.read(tmp_path / "history.yaml")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runs.create(tmp_path / "runs", "history", {"repository": "/r"}, NOW)


def finished(run: Run, text: str = "tokens") -> Step:
    """What a finished step leaves on the disk."""
    folder = run.steps / "tokenize"
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    (folder / "tokens" / "tokens.bin").write_text(text)
    finish(folder / "tokens", "tokenize", {})
    (folder / "log.txt").write_text("done\n")
    write_json(folder / STEP, {"digest": text, "exit_code": 0, "outputs": ["tokens"]})
    made = {"tokens": {"artifacts": [{"uri": str(folder / "tokens")}]}}
    told = {"outputs": {"artifacts": made}}
    return Step(phase="tokenize", folder=folder, command=[], executor_input=told)


def copied(run: Run, tmp_path: Path) -> Mirror:
    return Mirror(LocalFolder(tmp_path / "copy"), run.folder)


def test_a_finished_step_is_copied_whole(run: Run, tmp_path: Path) -> None:
    copy = copied(run, tmp_path)
    copy.keep(finished(run))
    assert list(copy.store.names()) == [
        "steps/tokenize/log.txt",
        "steps/tokenize/step.json",
        "steps/tokenize/tokens/manifest.json",
        "steps/tokenize/tokens/tokens.bin",
    ]


def test_what_a_step_keeps_for_this_disk_alone_is_not_copied(run: Run, tmp_path: Path) -> None:
    step = finished(run)
    (step.folder / "model.cache" / "step-00000002").mkdir(parents=True)
    (step.folder / "model.cache" / "step-00000002" / "weights.safetensors").write_text("w")
    copy = copied(run, tmp_path)
    copy.keep(step)
    assert not list(copy.store.names("steps/tokenize/model.cache"))


def test_a_copy_that_another_process_has_taken_over_is_left_alone(run: Run, tmp_path: Path) -> None:
    def lost() -> None:
        raise InputError("another run has taken over")

    copied(run, tmp_path).keep(finished(run, "theirs"))
    slept = Mirror(LocalFolder(tmp_path / "copy"), run.folder, lost)
    with pytest.raises(InputError, match="taken over"):
        slept.keep(finished(run, "ours"))
    assert slept.store.read("steps/tokenize/tokens/tokens.bin") == b"theirs"
    assert json.loads(slept.store.read("steps/tokenize/step.json"))["digest"] == "theirs"


def test_the_mark_of_a_whole_step_is_written_last_and_removed_first(
    run: Run, tmp_path: Path
) -> None:
    told: list[str] = []

    class Recorder(LocalFolder):
        def upload(self, name: str, path: Path, **known: Any) -> None:
            told.append(name)
            super().upload(name, path, **known)

        def delete(self, name: str) -> None:
            told.append(f"-{name}")
            super().delete(name)

    copy = Mirror(Recorder(tmp_path / "copy"), run.folder)
    copy.keep(finished(run))
    assert (told[0], told[-1]) == (f"-steps/tokenize/{STEP}", f"steps/tokenize/{STEP}")


def test_what_is_copied_is_not_copied_again(run: Run, tmp_path: Path) -> None:
    copy, step = copied(run, tmp_path), finished(run)
    copy.keep(step)
    (tmp_path / "copy" / "steps" / "tokenize" / "log.txt").unlink()
    copy.keep(step)
    assert not (tmp_path / "copy" / "steps" / "tokenize" / "log.txt").exists()


def test_what_a_step_no_longer_has_leaves_its_copy(run: Run, tmp_path: Path) -> None:
    copy, step = copied(run, tmp_path), finished(run)
    copy.keep(step)
    (step.folder / "log.txt").unlink()
    finished(run, "other")
    (step.folder / "log.txt").unlink()
    copy.keep(step)
    assert "steps/tokenize/log.txt" not in list(copy.store.names())


def test_an_empty_disk_gets_what_is_finished(run: Run, tmp_path: Path) -> None:
    copied(run, tmp_path).keep(finished(run))
    copy = Mirror(LocalFolder(tmp_path / "copy"), tmp_path / "other")
    assert copy.fetch() == ["tokenize"]
    folder = tmp_path / "other" / "steps" / "tokenize"
    assert (folder / "tokens" / "tokens.bin").read_text() == "tokens"
    assert copy.fetch() == []


def test_a_step_that_is_half_copied_is_not_fetched(run: Run, tmp_path: Path) -> None:
    copy = copied(run, tmp_path)
    copy.keep(finished(run))
    copy.store.delete(f"steps/tokenize/{STEP}")
    assert Mirror(copy.store, tmp_path / "other").fetch() == []


def test_a_step_that_is_half_fetched_is_fetched_again(run: Run, tmp_path: Path) -> None:
    copied(run, tmp_path).keep(finished(run))
    stale = tmp_path / "other" / "steps" / "tokenize" / "tokens" / "stale"
    stale.parent.mkdir(parents=True)
    stale.write_text("")
    Mirror(LocalFolder(tmp_path / "copy"), tmp_path / "other").fetch()
    assert not stale.exists()


def test_the_checkpoints_of_a_copied_run_lie_in_its_copy(
    run: Run, package: dict[str, Any], tmp_path: Path
) -> None:
    begun = mirror.begin((tmp_path / "copies").as_uri(), run, package)
    place = f"{(tmp_path / 'copies').as_uri()}/{run.folder.name}"
    assert begun.artifacts == place
    told = json.loads(begun.parameters["config"])
    assert told == {"train_model": {"checkpoints": f"{place}/checkpoints"}}


def test_what_the_user_says_of_checkpoints_comes_first(package: dict[str, Any]) -> None:
    told = {"config": json.dumps({"train_model": {"checkpoints": "/mine"}})}
    laid = mirror.with_checkpoints(told, package, "s3://b/r")
    assert json.loads(laid["config"]) == {"train_model": {"checkpoints": "/mine"}}


def test_a_run_is_found_by_the_uri_of_its_copy(
    run: Run, package: dict[str, Any], tmp_path: Path
) -> None:
    begun = mirror.begin((tmp_path / "copies").as_uri(), run, package)
    found = mirror.find(begun.artifacts, tmp_path / "elsewhere")
    assert found.folder == tmp_path / "elsewhere" / run.folder.name
    assert found.parameters == begun.parameters


def test_a_uri_without_a_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no run \(run.json is missing\)"):
        mirror.find(tmp_path.as_uri(), tmp_path)


def test_a_second_run_of_the_same_name_is_refused_and_leaves_nothing(
    run: Run, package: dict[str, Any], tmp_path: Path
) -> None:
    uri = (tmp_path / "copies").as_uri()
    mirror.begin(uri, run, package)
    twin = runs.create(tmp_path / "others", "history", {"repository": "/r"}, NOW)
    with pytest.raises(InputError, match="holds a run already: go on with it by --resume"):
        mirror.begin(uri, twin, package)
    assert not (tmp_path / "others").exists()


def test_who_works_on_a_copied_run_holds_its_lease(
    run: Run, package: dict[str, Any], tmp_path: Path
) -> None:
    begun = mirror.begin((tmp_path / "copies").as_uri(), run, package)
    with mirror.held(begun) as copy:
        assert copy
        assert list(copy.store.names("lease/"))


def test_a_place_that_is_no_uri_is_one_line(run: Run, package: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="--artifacts is copies; give s3://BUCKET/PREFIX"):
        mirror.begin("copies", run, package)


def test_a_store_without_a_bucket_is_no_folder_of_this_disk(
    run: Run, package: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="names no bucket"):
        mirror.begin("s3://", run, package)
    assert not (tmp_path / "s3:").exists()
    assert not run.folder.exists()
