from pathlib import Path
from typing import Any

import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines.local import limits
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import Step

GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "size"),
    [("8g", 8 * GIB), ("8Gi", 8 * GIB), ("8G", 8 * 10**9), ("512m", 512 << 20), ("1.5g", 3 << 29),
     ("64M", 64 * 10**6), ("1024", 1024), ("8gb", 8 * GIB), ("2Ti", 2 << 40)],
)  # fmt: skip
def test_memory_is_read_as_kubernetes_and_docker_write_it(text: str, size: int) -> None:
    assert limits.bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "8x", "-1g", "g", "8 g b"])
def test_what_is_no_memory_is_one_line(text: str) -> None:
    with pytest.raises(InputError, match="is no amount of memory; give a number"):
        limits.bytes_of(text)


@pytest.mark.parametrize(("text", "cores"), [("2", 2.0), ("500m", 0.5), ("1.5", 1.5)])
def test_cores_are_read_as_kubernetes_and_docker_write_them(text: str, cores: float) -> None:
    assert limits.cores_of(text) == cores


@pytest.mark.parametrize("text", ["", "0", "many", "-1"])
def test_what_is_no_number_of_cores_is_one_line(text: str) -> None:
    with pytest.raises(InputError, match="is no number of cores"):
        limits.cores_of(text)


def packaged(**resources: Any) -> dict[str, Any]:
    return {
        "components": {"comp-train-model": {"executorLabel": "exec-train-model"}},
        "deploymentSpec": {
            "executors": {"exec-train-model": {"container": {"resources": resources}}}
        },
    }


def training(**told: Any) -> Step:
    return Step(
        phase="train_model",
        folder=Path("/runs/r/steps/train-model"),
        command=[],
        executor_input={"inputs": {"parameterValues": told}},
    )


def test_a_step_has_the_limits_of_its_package() -> None:
    package = packaged(resourceMemoryLimit="64Gi", resourceCpuLimit="8")
    told = limits.of_package(package, training())
    assert told == Limits(memory_bytes=64 * GIB, cpus=8)


def test_a_limit_that_is_a_parameter_is_filled_in() -> None:
    package = packaged(resourceMemoryLimit="{{$.inputs.parameters['pipelinechannel--memory']}}")
    told = limits.of_package(package, training(**{"pipelinechannel--memory": "2Gi"}))
    assert told == Limits(memory_bytes=2 * GIB)


def test_a_limit_that_nobody_knows_is_none() -> None:
    package = packaged(resourceMemoryLimit="{{$.inputs.parameters['gone']}}")
    assert limits.of_package(package, training()) == Limits()


def test_a_step_of_no_package_has_no_limit() -> None:
    assert limits.of_package(
        {"components": {}, "deploymentSpec": {"executors": {}}}, training()
    ) == (Limits())


def test_what_a_cluster_asks_for_is_cut_to_this_machine() -> None:
    laptop = Limits(memory_bytes=16 * GIB, cpus=4)
    asked = Limits(memory_bytes=64 * GIB, cpus=8)
    assert limits.laid(asked, Limits(), laptop) == laptop


def test_the_user_has_the_last_word() -> None:
    laptop = Limits(memory_bytes=16 * GIB, cpus=4)
    asked, over = Limits(memory_bytes=4 * GIB, cpus=1), Limits(memory_bytes=8 * GIB)
    assert limits.laid(asked, over, laptop) == Limits(memory_bytes=8 * GIB, cpus=1)


def test_where_nobody_asks_there_is_no_limit() -> None:
    assert limits.laid(Limits(), Limits(), limits.machine()) == Limits()


@pytest.mark.parametrize(("size", "told"), [(64 << 20, "64 MiB"), (8 * GIB, "8 GiB")])
def test_memory_reads_as_a_person_says_it(size: int, told: str) -> None:
    assert limits.in_words(size) == told
