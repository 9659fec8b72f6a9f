import os
from pathlib import Path

import pytest

from codekiln_pipelines.doctor import machine
from codekiln_pipelines.doctor.finding import Check, State
from codekiln_pipelines.doctor.machine import GIB, MIB


@pytest.mark.parametrize(("version", "state"), [((3, 11, 0), State.OK), ((3, 10, 9), State.FAIL)])
def test_python_must_be_new_enough(version: tuple[int, ...], state: State) -> None:
    assert machine.python(version).state is state


@pytest.mark.parametrize(("version", "state"), [((2, 32, 0), State.OK), ((2, 31, 9), State.WARN)])
def test_an_older_git_reads_what_it_should_not(version: tuple[int, ...], state: State) -> None:
    assert machine.git(version).state is state


def test_text_that_is_not_utf_8_is_a_warning() -> None:
    assert machine.text("utf-8", "UTF-8").state is State.OK
    found = machine.text("utf-8", "ANSI_X3.4-1968")
    assert found.state is State.WARN
    assert "ANSI_X3.4-1968" in found.found


@pytest.mark.parametrize(
    ("free", "state", "told"),
    [
        (100 * GIB, State.OK, "runs has 100 GiB free"),
        (10 * GIB, State.OK, "runs has 10 GiB free; the recipe full takes 32 GiB"),
        (500 * MIB, State.FAIL, "a run of the recipe laptop takes 1 GiB"),
    ],
)
def test_the_space_for_runs_is_held_against_the_recipes(free: int, state: State, told: str) -> None:
    found = machine.work_disk("runs", free)
    assert found.state is state
    assert told in found.found


def test_a_folder_of_runs_that_is_not_there_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    found = machine.work_space(tmp_path / "not" / "yet")
    assert found.state in (State.OK, State.FAIL)
    assert "free" in found.found


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written" in machine.work_space(tmp_path).found


@pytest.mark.parametrize(("free", "state"), [(2 * GIB, State.OK), (100 * MIB, State.WARN)])
def test_scratch_space_must_take_a_clone(free: int, state: State, tmp_path: Path) -> None:
    assert machine.scratch(tmp_path, GIB, lambda _: free).state is state


@pytest.mark.parametrize(("free", "state"), [(64 * MIB, State.OK), (MIB, State.WARN)])
def test_shared_memory_must_take_what_workers_share(
    free: int, state: State, tmp_path: Path
) -> None:
    assert machine.shared(tmp_path, lambda _: free).state is state


def test_a_system_without_shared_memory_needs_none(tmp_path: Path) -> None:
    assert machine.shared(tmp_path / "none").state is State.SKIP


@pytest.mark.parametrize(
    ("total", "available", "state"),
    [
        (64 * GIB, 50 * GIB, State.OK),
        (8 * GIB, GIB, State.WARN),
        (GIB, GIB, State.FAIL),
    ],
)
def test_memory_is_held_against_the_recipes(total: int, available: int, state: State) -> None:
    assert machine.memory(total, available).state is state


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_container_has_the_memory_of_its_group(tmp_path: Path) -> None:
    write(tmp_path / "proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 6291456 kB\n")
    assert machine.memory_bytes(tmp_path / "proc", tmp_path) == (8 * GIB, 6 * GIB)
    write(tmp_path / "memory.max", "max\n")
    assert machine.memory_bytes(tmp_path / "proc", tmp_path) == (8 * GIB, 6 * GIB)
    write(tmp_path / "memory.max", f"{2 * GIB}\n")
    write(tmp_path / "memory.current", f"{GIB}\n")
    assert machine.memory_bytes(tmp_path / "proc", tmp_path) == (2 * GIB, GIB)


def test_one_core_is_little() -> None:
    assert machine.judged_cores(1).state is State.WARN
    assert machine.judged_cores(2).state is State.OK


def names(checks: list[Check]) -> set[str]:
    return {check.name for check in checks}


def test_a_pod_is_not_asked_for_what_only_runs_need() -> None:
    told = machine.subject(Path("runs"), in_pod=True, asked=True)
    assert names(list(told.checks)) == {"machine.python", "machine.locale", "machine.space.tmp"}


def test_this_very_machine_breaks_no_check() -> None:
    told = machine.subject(Path("runs"), in_pod=False, asked=True)
    assert all(check.look().found for check in told.checks)
