import json
from pathlib import Path
from typing import Any

import pytest
from kubernetes.utils.quantity import parse_quantity

import codekiln
from codekiln.core.errors import InputError
from codekiln_pipelines import cluster
from codekiln_pipelines.cluster import NEEDS, POOLS, Cluster, Needs

PHASES = sorted(path.parent.name for path in Path(codekiln.__file__).parent.glob("*/component.py"))
ASKED = [*NEEDS.items(), ("on_gpu", cluster.on_gpu(NEEDS["train_model"]))]


def test_the_needs_of_every_step_are_known() -> None:
    assert sorted(NEEDS) == PHASES


@pytest.mark.parametrize(("name", "needs"), ASKED)
def test_a_step_asks_for_no_more_than_it_may_take(name: str, needs: Needs) -> None:
    assert 0 < parse_quantity(needs.cpu) <= parse_quantity(needs.most_cpu), name
    assert 0 < parse_quantity(needs.memory) <= parse_quantity(needs.most_memory), name


@pytest.mark.parametrize(("name", "needs"), ASKED)
def test_shared_memory_leaves_room_in_the_memory_that_it_counts_as(name: str, needs: Needs) -> None:
    assert parse_quantity(needs.shm or "0") <= parse_quantity(needs.most_memory) / 2, name


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_gives_each_of_its_parameters_as_the_text_of_a_flag(name: str) -> None:
    told = cluster.pool_arguments(name)
    assert tuple(told) == cluster.PARAMETERS
    assert told["gpu_type"] in cluster.GPU_TYPES
    assert told["gpu_count"] in cluster.GPU_COUNTS
    assert isinstance(json.loads(told["gpu_node_selector"]), dict)
    assert isinstance(json.loads(told["gpu_tolerations"]), list)


def test_pools_of_gpus_select_the_label_and_tolerate_the_taint_of_their_nodes() -> None:
    for name, product in (("a100", "NVIDIA-A100-SXM4-80GB"), ("h100", "NVIDIA-H100-80GB-HBM3")):
        pool = POOLS[name]
        assert pool.variant == "cuda"
        assert pool.gpu_node_selector == {"nvidia.com/gpu.product": product}
        assert pool.gpu_tolerations == [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
        ]


def test_an_unknown_pool_names_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown pool a10: did you mean a100"):
        Cluster(pool="a10")


def test_a_priority_without_a_queue_is_refused() -> None:
    with pytest.raises(InputError, match="give --queue with --priority"):
        Cluster(priority="codekiln-training")


def test_an_unknown_pull_policy_is_refused() -> None:
    with pytest.raises(InputError, match="it must be one of IfNotPresent, Always, Never"):
        Cluster(image_pull_policy="Sometimes")


@pytest.mark.parametrize("name", ["My-Queue", "two words", "-q", "q_", "q" * 64])
@pytest.mark.parametrize("field", ["queue", "priority"])
def test_a_name_that_no_pod_can_carry_as_a_label_is_refused(field: str, name: str) -> None:
    told: dict[str, Any] = {"queue": "q", field: name}
    with pytest.raises(InputError, match=f"--{field} is .*, no name that Kubernetes takes"):
        Cluster(**told)


@pytest.mark.parametrize(
    ("field", "flag"),
    [
        ("s3_secret", "--s3-secret"),
        ("s3_config", "--s3-config"),
        ("github_secret", "--github-secret"),
        ("masking_secret", "--masking-secret"),
    ],
)
@pytest.mark.parametrize("name", ["", "Keys", "our keys", "keys." + "k" * 250])
def test_a_name_that_no_object_can_have_is_refused(field: str, flag: str, name: str) -> None:
    told: dict[str, Any] = {field: name}
    with pytest.raises(InputError, match=f"{flag} is .*, no name that Kubernetes takes"):
        Cluster(**told)


def test_a_login_of_a_registry_is_optional_but_no_nonsense() -> None:
    assert Cluster(image_pull_secret="team.logins-1").image_pull_secret  # noqa: S106
    with pytest.raises(InputError, match="--image-pull-secret is 'X Y'"):
        Cluster(image_pull_secret="X Y")  # noqa: S106


def test_labels_of_kueue_are_there_only_where_a_queue_is() -> None:
    assert Cluster().labels == {"app.kubernetes.io/part-of": "codekiln"}
    assert Cluster(queue="q", priority="p").labels == {
        "app.kubernetes.io/part-of": "codekiln",
        "kueue.x-k8s.io/queue-name": "q",
        "kueue.x-k8s.io/priority-class": "p",
    }
