from typing import Any

from codekiln_pipelines.doctor import needs
from codekiln_pipelines.doctor.needs import Packages


def container(**resources: Any) -> dict[str, Any]:
    return {"container": {"image": "registry/codekiln-mine:1", "resources": resources}}


def task(component: str, **parameters: dict[str, Any]) -> dict[str, Any]:
    return {"componentRef": {"name": component}, "inputs": {"parameters": parameters}}


def spec() -> dict[str, Any]:
    """Return a package as kfp compiles one: a step, and one in a group that gets a parameter."""
    ask = "{{$.inputs.parameters['pipelinechannel--gpus']}}"
    gpus = {"resourceType": "nvidia.com/gpu", "resourceCount": ask}
    return {
        "pipelineInfo": {"name": "history"},
        "root": {
            "inputDefinitions": {
                "parameters": {"gpus": {"defaultValue": 2.0}, "repository": {}},
            },
            "dag": {
                "tasks": {
                    "mine": task("comp-mine"),
                    "group": task("comp-group", inner={"componentInputParameter": "gpus"}),
                }
            },
        },
        "components": {
            "comp-mine": {"executorLabel": "exec-mine"},
            "comp-train": {"executorLabel": "exec-train"},
            "comp-group": {
                "dag": {
                    "tasks": {
                        "train": task(
                            "comp-train",
                            **{"pipelinechannel--gpus": {"componentInputParameter": "inner"}},
                        )
                    }
                }
            },
        },
        "deploymentSpec": {
            "executors": {
                "exec-mine": container(
                    resourceCpuRequest="2", resourceMemoryRequest="4Gi", resourceMemoryLimit="8Gi"
                ),
                "exec-train": container(accelerator=gpus, resourceMemoryLimit="64Gi"),
            }
        },
    }


def test_a_step_asks_for_what_its_container_says() -> None:
    (mine, _) = needs.of_package(spec())
    assert mine.step == "mine"
    assert mine.requests == {"cpu": "2", "memory": "4Gi"}
    assert mine.limits == {"memory": "8Gi"}
    assert not mine.gpus


def test_an_amount_that_is_a_parameter_is_its_default_through_every_group() -> None:
    (_, train) = needs.of_package(spec())
    assert train.limits == {"memory": "64Gi", "nvidia.com/gpu": "2"}
    assert train.requests == train.limits
    assert train.gpus


def test_no_gpu_is_no_request_for_one() -> None:
    told = spec()
    told["root"]["inputDefinitions"]["parameters"]["gpus"]["defaultValue"] = 0.0
    (_, train) = needs.of_package(told)
    assert not train.gpus


def test_our_own_packages_are_read() -> None:
    packages = Packages()
    found = packages.needs()
    assert {need.pipeline for need in found} >= {"history"}
    assert all({"cpu", "memory", "ephemeral-storage"} <= set(need.requests) for need in found)
    assert any("codekiln-mine-commits" in image for image in packages.images())
    assert not any(need.gpus for need in found)
    assert packages.needs() is found


def test_a_package_for_a_pool_of_gpus_asks_for_one() -> None:
    asking = [need for need in Packages().needs("a100") if need.gpus]
    assert [need.step for need in asking] == ["train-model"]
    assert asking[0].requests["nvidia.com/gpu"] == "1"
