import json
from pathlib import Path
from typing import Any

import pytest

from codekiln_pipelines.local import containers
from codekiln_pipelines.local.containers import Containers
from codekiln_pipelines.local.engine import Engine
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import Step

ALL = frozenset({"memory", "cpu", "pids"})
PODMAN = Engine(program="podman", is_podman=True, rootless=False, controllers=ALL)
DOCKER = Engine(program="docker", is_podman=False, rootless=False, controllers=ALL)
PODMAN_WORDS = (
    "unable to start container 1ef3: runc: runc create failed: unable to start container process: "
    "exec: {}: OCI runtime attempted to invoke a command that was not found"
)
DOCKER_WORDS = (
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
    "container process: exec: {}: unknown"
)
PACKAGE: dict[str, Any] = {
    "components": {"comp-tokenize": {"executorLabel": "exec-tokenize"}},
    "deploymentSpec": {
        "executors": {
            "exec-tokenize": {
                "container": {
                    "image": "r/codekiln-tokenize:dev",
                    "resources": {"resourceMemoryLimit": "1Gi", "resourceCpuLimit": "1"},
                }
            }
        }
    },
}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (PODMAN_WORDS.format('"x": executable file not found in $PATH'), 127),
        (DOCKER_WORDS.format('"x": executable file not found in $PATH'), 127),
        (DOCKER_WORDS.format('"/x": stat /x: no such file or directory'), 127),
        (DOCKER_WORDS.format('"/etc/passwd": permission denied'), 126),
        ('could not find slirp4netns: exec: "slirp4netns": executable file not found', 125),
        ("no space left on device", 125),
    ],
)
def test_what_could_not_be_started_ends_as_in_a_shell(words: str, code: int) -> None:
    assert containers.code_of(words) == code


def flags(tmp_path: Path, engine: Engine = PODMAN, **told: Any) -> list[str]:
    step = Step(
        phase="tokenize",
        folder=tmp_path / "r" / "steps" / "tokenize",
        command=["python", "-m", "codekiln.tokenize", "--config", json.dumps({})],
        executor_input={"inputs": {"parameterValues": told}},
        image="r/codekiln-tokenize:dev",
        environment={"OMP_NUM_THREADS": "1"},
    )
    worker = Containers(engine, tmp_path / "r", "abc", PACKAGE, Limits(cpus=0.5))
    return worker._flags_of(step, worker._limits_of(step))


@pytest.mark.parametrize("engine", [PODMAN, DOCKER])
def test_a_step_is_confined(tmp_path: Path, engine: Engine) -> None:
    told = flags(tmp_path, engine)
    wanted = {
        "--pull=never", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
        "--network=none", "--log-driver=none", "--label=codekiln.run=abc", "--pids-limit=8192",
    }  # fmt: skip
    assert wanted <= set(told)


def test_limits_are_those_of_the_package_and_of_the_user(tmp_path: Path) -> None:
    told = flags(tmp_path)
    assert {f"--memory={1 << 30}", "--cpus=0.5"} <= set(told)
    assert any(flag.startswith("--tmpfs=/tmp:") and f"size={1 << 29}" in flag for flag in told)


def test_what_an_engine_cannot_limit_is_left_out(tmp_path: Path) -> None:
    weak = Engine(program="podman", is_podman=True, rootless=True, controllers=frozenset())
    assert not [f for f in flags(tmp_path, weak) if f.startswith(("--memory", "--cpus", "--pids"))]


def test_the_command_stands_for_the_image_s_own(tmp_path: Path) -> None:
    told = flags(tmp_path)
    assert told[-6:] == [
        "--entrypoint=python", "r/codekiln-tokenize:dev", "-m", "codekiln.tokenize", "--config",
        "{}",
    ]  # fmt: skip


def test_variables_of_the_package_are_set_and_the_user_s_go_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert "--env=OMP_NUM_THREADS=1" in flags(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert "--env=OMP_NUM_THREADS" in flags(tmp_path)
    assert "--env=OMP_NUM_THREADS=1" not in flags(tmp_path)


def test_each_image_of_a_package_is_named_once() -> None:
    assert containers.images_of(PACKAGE) == ["r/codekiln-tokenize:dev"]
