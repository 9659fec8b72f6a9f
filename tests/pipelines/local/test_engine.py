import os
from pathlib import Path

import pytest

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.local import engine
from codekiln_pipelines.local.engine import Engine

PODMAN = '{"host": {"security": {"rootless": true}, "cgroupControllers": ["memory", "pids"]}}'
DOCKER = '{"ServerVersion": "28", "MemoryLimit": true, "CpuCfsQuota": true, "PidsLimit": true}'
ROOTLESS = '{"ServerVersion": "28", "SecurityOptions": ["name=seccomp", "name=rootless"]}'
SILENT = '{"ServerErrors": ["Cannot connect to the Docker daemon"]}'


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(programs: Path, name: str, script: str) -> None:
    """Put a program on the PATH that answers every call alike."""
    (programs / name).write_text(f"#!/bin/sh\n{script}\n")
    (programs / name).chmod(0o755)


def test_podman_comes_before_docker(programs: Path) -> None:
    install(programs, "podman", f"echo '{PODMAN}'")
    install(programs, "docker", f"echo '{DOCKER}'")
    found = engine.find()
    assert (found.program, found.is_podman, found.rootless) == ("podman", True, True)
    assert found.controllers == {"memory", "pids"}


def test_docker_is_taken_where_podman_is_not(programs: Path) -> None:
    install(programs, "docker", f"echo '{DOCKER}'")
    found = engine.find()
    assert (found.program, found.is_podman, found.rootless) == ("docker", False, False)
    assert found.controllers == {"memory", "cpu", "pids"}


def test_docker_is_taken_where_podman_does_not_answer(programs: Path) -> None:
    install(programs, "podman", "echo broken >&2; exit 125")
    install(programs, "docker", f"echo '{DOCKER}'")
    assert engine.find().program == "docker"


def test_docker_that_is_podman_is_known_as_such(programs: Path) -> None:
    install(programs, "docker", f"echo '{PODMAN}'")
    assert engine.find("docker").is_podman


def test_where_there_is_no_engine_the_user_is_told_what_to_install(programs: Path) -> None:
    assert not list(programs.iterdir())
    with pytest.raises(InputError, match=r"no podman or docker on the PATH.*get install podman"):
        engine.find()


def test_an_engine_that_was_named_and_is_not_there_is_named(programs: Path) -> None:
    install(programs, "podman", f"echo '{PODMAN}'")
    with pytest.raises(InputError, match="no docker on the PATH"):
        engine.find("docker")


@pytest.mark.parametrize("script", [f"echo '{SILENT}'", "echo 'Cannot connect' >&2; exit 1"])
def test_a_daemon_that_does_not_answer_is_one_line(programs: Path, script: str) -> None:
    install(programs, "docker", script)
    with pytest.raises(InputError, match="docker does not answer: Cannot connect"):
        engine.find()


@pytest.mark.parametrize(
    ("info", "flags"),
    [
        (PODMAN, ["--userns=keep-id", f"--user={os.getuid()}:{os.getgid()}"]),
        (DOCKER, [f"--user={os.getuid()}:{os.getgid()}"]),
        (ROOTLESS, ["--user=0:0"]),
    ],
)
def test_files_belong_to_the_user_whatever_the_engine(
    programs: Path, info: str, flags: list[str]
) -> None:
    install(programs, "docker", f"echo '{info}'")
    assert engine.find().identity() == flags


def test_what_an_engine_complains_of_is_told(programs: Path) -> None:
    install(programs, "podman", "echo 'Error: no such thing' >&2; exit 125")
    podman = Engine(program="podman", is_podman=True, rootless=False, controllers=frozenset())
    with pytest.raises(ServiceError, match="podman create failed: no such thing"):
        podman.call("create", "x")
