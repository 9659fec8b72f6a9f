import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln_pipelines.local import runs, workers
from codekiln_pipelines.local.containers import Containers
from codekiln_pipelines.local.engine import Engine
from codekiln_pipelines.local.processes import Processes
from codekiln_pipelines.local.workers import Means

INFO = '{"host": {"security": {"rootless": false}, "cgroupControllers": ["memory"]}}'
PACKAGE: dict[str, Any] = {
    "components": {},
    "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "r/codekiln-a:dev"}}}},
}
TOLD = {"containers": False, "engine": None, "memory": None, "cpus": None}


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A podman that has every image but those that a file names."""
    program = tmp_path / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n[ \"$1\" = info ] && echo '{INFO}' || [ ! -e $0.empty ]\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def test_a_run_that_is_told_nothing_has_processes(tmp_path: Path) -> None:
    run = runs.create(tmp_path, "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    means = workers.asked(TOLD, PACKAGE)
    assert isinstance(means.worker(run, PACKAGE, os.open(os.devnull, os.O_RDONLY)), Processes)
    assert workers.read(run) is None


@pytest.mark.usefixtures("podman")
def test_a_run_of_containers_leaves_word_of_them(tmp_path: Path) -> None:
    run = runs.create(tmp_path, "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    means = workers.asked({**TOLD, "containers": True}, PACKAGE)
    first, second = (means.worker(run, PACKAGE, 0) for _ in range(2))
    assert isinstance(first, Containers)
    assert isinstance(second, Containers)
    assert workers.read(run) == {"engine": "podman", "label": first.label}
    assert first.label == second.label


@pytest.mark.parametrize("flag", ["engine", "memory", "cpus"])
def test_a_flag_of_containers_alone_is_one_line(flag: str) -> None:
    with pytest.raises(InputError, match=f"--{flag} is for containers: give --containers too"):
        workers.asked({**TOLD, flag: "podman"}, PACKAGE)


def test_an_engine_that_nobody_knows_is_one_line() -> None:
    with pytest.raises(InputError, match="--engine is 'lxc'; it must be podman or docker"):
        workers.asked({**TOLD, "containers": True, "engine": "lxc"}, PACKAGE)


@pytest.mark.usefixtures("podman")
def test_a_limit_that_the_engine_cannot_keep_is_one_line() -> None:
    with pytest.raises(InputError, match="podman may not limit cpu here"):
        workers.asked({**TOLD, "containers": True, "cpus": "2"}, PACKAGE)


def test_images_that_are_missing_are_told_before_anything_runs(podman: Path) -> None:
    podman.with_name("podman.empty").touch()
    wanted = "podman has no image r/codekiln-a:dev: build it with `make images`"
    with pytest.raises(InputError, match=wanted):
        workers.asked({**TOLD, "containers": True}, PACKAGE)


def test_who_resumes_a_run_of_containers_is_told_to_ask_for_them_again() -> None:
    engine = Engine(program="podman", is_podman=True, rootless=False, controllers=frozenset())
    assert (Means(engine=engine).flags, Means().flags) == (" --containers", "")


@pytest.mark.usefixtures("podman")
def test_a_run_that_was_moved_to_where_its_engine_is_not_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(tmp_path, "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    workers.asked({**TOLD, "containers": True}, PACKAGE).worker(run, PACKAGE, 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert workers.end_strays(run)[0].startswith("podman is not here")


@pytest.mark.parametrize("label", ["", "0123456789ab,x", "0123456789abc"])
@pytest.mark.usefixtures("podman")
def test_containers_of_other_runs_are_not_ended_whatever_a_record_says(
    tmp_path: Path, label: str
) -> None:
    run = recorded(tmp_path, "podman", label)
    with pytest.raises(InputError, match="no label of a run"):
        workers.end_strays(run)


@pytest.mark.parametrize("name", ["{}/evil", "evil", 5, ["podman"]])
def test_no_program_is_run_because_a_record_names_it_as_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: object
) -> None:
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\n: > {tmp_path}/sprung\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    run = recorded(tmp_path, name.format(tmp_path) if isinstance(name, str) else name, "0" * 12)
    with pytest.raises(InputError, match="names no engine"):
        workers.end_strays(run)
    assert not (tmp_path / "sprung").exists()


def recorded(base: Path, engine: object, label: str) -> runs.Run:
    """Make a run whose record somebody else may have written."""
    run = runs.create(base, "history", {}, datetime(2026, 1, 1, tzinfo=UTC))
    write_json(run.folder / workers.RECORD, {"engine": engine, "label": label})
    return run
