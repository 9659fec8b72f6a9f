"""What needs podman and the images of `make images`; where they are missing these tests fail."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import histories
import pytest
from local_runs import run

from codekiln.core import container
from codekiln_pipelines.local import containers, engine
from codekiln_pipelines.local.containers import LABEL, Containers
from codekiln_pipelines.local.engine import Engine
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import Step

IMAGE = f"{container.REGISTRY}/codekiln-survey-history:{container.TAG}"
OFTEN = ("--config", "training: {checkpoint_steps: 1}")
"""How whole runs train, those that are killed and those that they are compared with."""
NO_PACKAGE: dict[str, dict[str, object]] = {"components": {}, "deploymentSpec": {"executors": {}}}


@pytest.fixture(scope="session")
def podman() -> Engine:
    """The engine of these tests: CODEKILN_TEST_ENGINE, or podman."""
    return engine.find(os.environ.get("CODEKILN_TEST_ENGINE", "podman"))


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve commits: a few hundred tokens, some windows of the smoke recipe."""
    return histories.line(tmp_path_factory.mktemp("repository") / "r.git", 12).path


@pytest.fixture(scope="session")
def finished(podman: Engine, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a whole run of containers was started."""
    folder = tmp_path_factory.mktemp("containers")
    ended = run(folder, repository, *OFTEN, "--containers", "--engine", podman.program)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture
def worker(podman: Engine, tmp_path: Path) -> Iterator[Containers]:
    """Runs containers in the folder of the test; none may be left at its end."""
    (tmp_path / "run").mkdir()
    made = Containers(podman, tmp_path / "run", containers.label(), NO_PACKAGE, Limits())
    yield made
    left = podman.call("ps", "--all", "--quiet", f"--filter=label={LABEL}={made.label}")
    assert left == ""


@pytest.fixture
def step_of(tmp_path: Path) -> Callable[..., Step]:
    """Makes steps of a command, each with a folder of its own."""
    numbers = itertools.count()

    def step(*command: str, image: str = IMAGE, told: dict[str, object] | None = None) -> Step:
        folder = tmp_path / "run" / "steps" / f"task-{next(numbers)}"
        executor_input = {
            "inputs": {"parameterValues": told or {}},
            "outputs": {"outputFile": str(folder / "executor_output.json")},
        }
        return Step(
            phase="survey_history",
            folder=folder,
            command=command,
            executor_input=executor_input,
            image=image,
        )

    return step
