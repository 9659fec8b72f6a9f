"""Every step of every package, as Kubernetes will see it, read with Kubeflow's own schemas."""

import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from kubernetes.utils.quantity import parse_quantity
from local_runs import CODEKILN
from placed_packages import Package

from codekiln.core.container import image
from codekiln_pipelines import cluster, packages
from codekiln_pipelines.cluster import Cluster

CLUSTERS = {
    "cpu": Cluster(),
    "cpu-queue": Cluster(queue="q", storage=False),
    "a100": Cluster(pool="a100", queue="q", priority="p"),
    "h100": Cluster(pool="h100", registry="ghcr.io/me", tag="1.2", image_pull_secret="pull"),  # noqa: S106
    "cached": Cluster(pool="a100", cache=True),
}
GPU_STEPS = {"train-model"}
GITHUB_STEPS = {"discover-repos", "collect-pulls"}
NEVER_CACHED = {
    *GITHUB_STEPS, "report", "reconcile-pulls", "reconcile-pulls-2", "snapshot-pulls",
    "build-examples", "gather-examples", "clean-corpus", "pack-examples",
}  # fmt: skip
"""What they say is of this run and no other, or what they make lies in a data set."""


def component_of(step: str) -> str:
    """Return the component of a step: Kubeflow numbers the second task of one."""
    return re.sub(r"-\d+$", "", step)


@pytest.fixture(scope="module", params=itertools.product(packages.names(), CLUSTERS))
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Package:
    name, place = request.param
    return Package(name, CLUSTERS[place], tmp_path_factory.mktemp("package") / f"{name}.yaml")


def test_no_step_is_without_limits_and_requests(package: Package) -> None:
    for name, container in package.containers.items():
        told = container["resources"]
        for of in ("Cpu", "Memory"):
            asked, most = (
                parse_quantity(told[f"resource{of}{end}"]) for end in ("Request", "Limit")
            )
            assert 0 < asked <= most, name


def test_no_step_is_without_ephemeral_storage_but_those_on_a_gpu(package: Package) -> None:
    on_gpu = GPU_STEPS if package.place.pool != "cpu" else set()
    for name, container in package.containers.items():
        told = container["resources"].get("accelerator", {})
        if name in on_gpu:
            assert "gpu_type" in told["resourceType"]
        elif package.place.storage:
            assert told["resourceType"] == "ephemeral-storage"
            assert int(told["resourceCount"]) >= 10 << 30
        else:
            assert not told


def test_no_step_is_without_a_command_and_an_image_with_a_tag(package: Package) -> None:
    for name, container in package.containers.items():
        assert container["command"][:2] == ["python", "-m"]
        assert re.fullmatch(
            rf"[\w.:/-]+/codekiln-{component_of(name)}:[\w.-]+", container["image"]
        ), name


def test_only_steps_on_gpus_run_the_image_with_cuda(package: Package) -> None:
    on_gpu = GPU_STEPS & {*package.containers} if package.place.pool != "cpu" else set()
    found = {name for name, told in package.containers.items() if told["image"].endswith("-cuda")}
    assert found == on_gpu


def test_images_come_from_the_registry_that_was_asked_for(package: Package) -> None:
    if package.place.registry:
        for container in package.containers.values():
            assert container["image"].startswith("ghcr.io/me/codekiln-")
            assert container["image"].split(":")[-1] in {"1.2", "1.2-cuda"}


def test_no_step_is_without_a_timeout(package: Package) -> None:
    assert package.configs.keys() == package.containers.keys()
    for name, config in package.configs.items():
        assert 60 <= config.active_deadline_seconds <= 7 * 86400, name


def test_no_step_is_without_retries_and_none_is_ended_by_their_window(package: Package) -> None:
    assert package.tasks.keys() == package.containers.keys()
    for name, task in package.tasks.items():
        policy = task["retryPolicy"]
        assert policy["maxRetryCount"] >= 2
        assert policy["backoffFactor"] == int(policy["backoffFactor"]) > 1
        assert int(policy["backoffDuration"].rstrip("s")) >= 30
        attempts = policy["maxRetryCount"] + 1
        window = int(policy["backoffMaxDuration"].rstrip("s"))
        assert window > 2 * attempts * package.configs[name].active_deadline_seconds, name


def test_no_step_is_without_a_folder_to_write(package: Package) -> None:
    for name, config in package.configs.items():
        mounts = {mount.mount_path: mount for mount in config.empty_dir_mounts}
        assert parse_quantity(mounts["/tmp"].size_limit) > 0  # noqa: S108
        if name in GPU_STEPS:
            assert mounts["/dev/shm"].medium == "Memory"  # noqa: S108
            assert parse_quantity(mounts["/dev/shm"].size_limit) > 0  # noqa: S108


def test_no_step_may_be_root(package: Package) -> None:
    for name, config in package.configs.items():
        assert config.security_context.run_as_non_root, name
        assert config.security_context.run_as_user != 0 or not config.security_context.HasField(
            "run_as_user"
        )


def test_every_step_reaches_s3_by_names_of_secrets_which_may_be_absent(package: Package) -> None:
    for name, config in package.configs.items():
        (secret, *_), (settings,) = config.secret_as_env, config.config_map_as_env
        assert {secret.secret_name, settings.config_map_name} == {"codekiln-s3"}, name
        assert secret.optional
        assert settings.optional
        assert [key.env_var for key in secret.key_to_env] == list(cluster.S3_SECRETS)
        assert [key.env_var for key in settings.key_to_env] == list(cluster.S3_SETTINGS)


def named(config: Any, name: str) -> list[Any]:
    """Return the variables of a step that come from the Secret `name`."""
    return [one for one in config.secret_as_env if one.secret_name == name]


def test_the_token_of_github_is_for_the_steps_that_ask_github_and_may_be_absent(
    package: Package,
) -> None:
    for name, config in package.configs.items():
        secrets = named(config, "codekiln-github")
        assert bool(secrets) == (name in GITHUB_STEPS), name
        for secret in secrets:
            assert secret.optional
            told = [key.env_var for key in secret.key_to_env]
            assert told == [*cluster.GITHUB_SECRETS, *cluster.GITHUB_SETTINGS]
            assert told == [key.secret_key for key in secret.key_to_env]


def test_the_key_of_placeholders_is_for_the_step_that_masks_and_may_be_absent(
    package: Package,
) -> None:
    for name, config in package.configs.items():
        secrets = named(config, "codekiln-masking")
        assert bool(secrets) == (name == "clean-corpus"), name
        for secret in secrets:
            assert secret.optional
            assert [key.env_var for key in secret.key_to_env] == [cluster.MASKING_KEY]


def test_every_pod_has_the_labels_that_policies_and_the_queue_know_it_by(package: Package) -> None:
    # Kubeflow makes one template for all pods with as many labels: they must all have as many.
    for name, config in package.configs.items():
        assert dict(config.pod_metadata.labels) == package.place.labels, name


def test_secrets_of_the_registry_are_named_where_there_are_any(package: Package) -> None:
    for config in package.configs.values():
        named = [secret.secret_name for secret in config.image_pull_secret]
        assert named == [package.place.image_pull_secret] * bool(package.place.image_pull_secret)


def test_nothing_is_cached_unless_asked_for_and_never_what_the_world_decides(
    package: Package,
) -> None:
    cached = {name for name, task in package.tasks.items() if task["cachingOptions"]}
    assert cached == ({*package.tasks} - NEVER_CACHED if package.place.cache else set())


def test_where_a_step_trains_is_for_parameters_to_say(package: Package) -> None:
    for name, config in package.configs.items():
        if package.place.pool != "cpu" and name in GPU_STEPS:
            selector, (toleration,) = config.node_selector, config.tolerations
            assert not selector.labels, "the parameter would silently replace them"
            assert (
                selector.node_selector_json.component_input_parameter
                == "pipelinechannel--gpu_node_selector"
            )
            assert (
                toleration.toleration_json.component_input_parameter
                == "pipelinechannel--gpu_tolerations"
            )
        else:
            assert not config.HasField("node_selector")
            assert not config.tolerations


def test_every_input_of_a_task_is_one_that_its_group_has(package: Package) -> None:
    # kfp 2.17 does not pass what only an accelerator reads into an exit handler.
    for group in package.groups:
        has = group.get("inputDefinitions", {}).get("parameters", {})
        for name, task in group["dag"]["tasks"].items():
            told = task.get("inputs", {}).get("parameters", {}).values()
            read = {t["componentInputParameter"] for t in told if "componentInputParameter" in t}
            assert read <= {*has}, name


def test_every_placeholder_of_a_container_is_an_input_of_its_task(package: Package) -> None:
    pattern = re.compile(r"\$\.inputs\.parameters\['([^']+)'\]")
    for name, container in package.containers.items():
        task = package.tasks[name]["inputs"]["parameters"]
        component = package.spec["components"][f"comp-{name}"]["inputDefinitions"]["parameters"]
        assert set(pattern.findall(str(container))) <= {*task, *component}, name


def test_the_count_of_gpus_is_a_text_for_the_driver_reads_no_number(package: Package) -> None:
    parameters = packages.parameters_of(package.spec)
    if package.place.pool == "cpu" or not GPU_STEPS & {*package.containers}:
        assert not {*cluster.PARAMETERS} & {*parameters}
    else:
        assert {*cluster.PARAMETERS} <= {*parameters}
        assert parameters["gpu_count"]["parameterType"] == "STRING"
        assert parameters["gpu_node_selector"]["parameterType"] == "STRUCT"
        assert parameters["gpu_tolerations"]["parameterType"] == "LIST"


@pytest.mark.parametrize("version", ["1.28", "1.34"])
def test_kubernetes_takes_the_pod_that_kubeflow_makes_of_each_step(
    package: Package, version: str
) -> None:
    for pod in package.pods().values():
        kubernetes_validate.validate(pod, version, strict=True)
        (container,) = pod["spec"]["containers"]
        mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
        names = [volume["name"] for volume in pod["spec"]["volumes"]]
        assert len({*mounts}) == len(mounts) == len({*names})


def test_a_run_may_choose_other_nodes_or_none_at_all(package: Package) -> None:
    if package.place.pool == "cpu" or not GPU_STEPS & {*package.containers}:
        return
    pod = package.pods()["train-model"]["spec"]
    assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert pod["nodeSelector"] == cluster.POOLS[package.place.pool].gpu_node_selector
    told = {"gpu_count": "0", "gpu_node_selector": {}, "gpu_tolerations": []}
    pod = package.pods(**told)["train-model"]["spec"]
    assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "0"
    assert (pod["nodeSelector"], pod["tolerations"]) == ({}, [])


def test_no_value_of_a_secret_is_in_a_package(tmp_path: Path) -> None:
    secrets = (*cluster.S3_SECRETS, *cluster.GITHUB_SECRETS, cluster.MASKING_KEY, "KFP_TOKEN")
    environ = dict.fromkeys((*secrets, *cluster.S3_SETTINGS), "planted-4Zq9")
    for pool in cluster.POOLS:
        command = [*CODEKILN, "compile", "--into", str(tmp_path / pool), "--pool", pool]
        subprocess.run(command, env={**os.environ, **environ}, check=True)
    made = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*/*.yaml")]
    assert len(made) == len(packages.names()) * len(cluster.POOLS)
    assert not [text for text in made if "planted-4Zq9" in text]


def test_an_image_has_the_name_that_it_was_built_under(tmp_path: Path) -> None:
    package = Package("history", Cluster(pool="a100"), tmp_path / "history.yaml")
    for step, told in package.containers.items():
        variant = "cuda" if step in GPU_STEPS else ""
        assert told["image"] == image(step.replace("-", "_"), variant)
