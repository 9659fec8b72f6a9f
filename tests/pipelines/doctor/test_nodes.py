import pytest
from kubernetes_objects import A100, GPU_TAINT, gpu_node, need, node
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import nodes
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.kube import Kube
from codekiln_pipelines.doctor.needs import Packages
from codekiln_pipelines.doctor.nodes import Pool, Taint, Toleration

ANYWHERE = "cpu"
POOL = Pool(
    name="a100",
    selector={"nvidia.com/gpu.product": A100},
    tolerations=[Toleration(key="nvidia.com/gpu", effect="NoSchedule")],
)


def test_a_node_that_takes_the_largest_step_is_told(kube: Kube, packages: Packages) -> None:
    found = nodes.cpus(kube, packages)
    assert found.state is State.OK
    assert found.found == "1 node, the largest with 15.9 cores, 64 GiB; mine-commits asks for 16Gi"


def test_nodes_too_small_are_told_with_the_step_that_does_not_fit(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.put("nodes", node("cpu-1", memory="8054892Ki"))
    found = nodes.cpus(kube, packages)
    assert found.state is State.FAIL
    assert "(cpu-1) with 8054892Ki of memory, and mine-commits of history asks for 16Gi" in (
        found.found
    )


def test_one_node_must_have_all_that_a_step_asks_for(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.put("nodes", node("cpu-1", cpu="2", memory="64Gi"))
    cluster.put("nodes", node("cpu-2", cpu="64", memory="8Gi"))
    assert nodes.cpus(kube, packages).state is State.FAIL


@pytest.mark.parametrize("state", [{"cordoned": True}, {"ready": False}])
def test_nodes_that_take_no_pods_do_not_count(
    state: dict[str, bool], cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.remove("nodes", "gpu-1")
    cluster.put("nodes", node("cpu-1", **state))  # type: ignore[arg-type]  # a flag of the node
    found = nodes.cpus(kube, packages)
    assert found.state is State.FAIL
    assert "none of them ready and open" in found.found


def test_a_taint_that_steps_do_not_tolerate_is_told(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.remove("nodes", "gpu-1")
    taint = {"key": "team", "value": "web", "effect": "NoSchedule"}
    cluster.put("nodes", node("cpu-1", taints=[taint]))
    found = nodes.cpus(kube, packages)
    assert found.state is State.FAIL
    assert "(team=web:NoSchedule)" in found.found
    assert found.remedy == "kubectl taint nodes cpu-1 team=web:NoSchedule-"


def test_a_gpu_pool_is_found_through_its_taint(kube: Kube, packages: Packages) -> None:
    found = nodes.gpus(kube, packages, POOL, ANYWHERE)
    assert found.state is State.OK
    assert "8 GPUs, 95 cores, 1000 GiB; train-model asks for 64Gi; driver 580.65" in found.found


def test_a_taint_besides_the_usual_keeps_a_gpu_pool_closed(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    broken = gpu_node("gpu-1", A100)
    broken["spec"]["taints"] = [
        GPU_TAINT,
        {"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"},
    ]
    cluster.put("nodes", broken)
    found = nodes.gpus(kube, packages, POOL, ANYWHERE)
    assert found.state is State.FAIL
    assert "node.kubernetes.io/disk-pressure:NoSchedule" in found.found


def test_a_pool_without_a_node_fails_only_where_it_is_wanted(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.remove("nodes", "gpu-1")
    assert nodes.gpus(kube, packages, POOL, ANYWHERE).state is State.SKIP
    found = nodes.gpus(kube, packages, POOL, "a100")
    assert found.state is State.FAIL
    assert A100 in found.found


def test_gpus_without_a_device_plugin_are_none(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.put("nodes", gpu_node("gpu-1", A100, gpus=0))
    found = nodes.gpus(kube, packages, POOL, ANYWHERE)
    assert found.state is State.FAIL
    assert "none with a nvidia.com/gpu to give" in found.found


def test_a_step_with_more_gpus_than_a_node_has_does_not_fit(kube: Kube) -> None:
    found = nodes.gpus(kube, Packages(known={"a100": (need("train-model", 16),)}), POOL, ANYWHERE)
    assert found.state is State.FAIL
    assert "8 of nvidia.com/gpu, and train-model of history asks for 16" in found.found


def test_a_driver_too_old_for_our_cuda_is_a_warning(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    cluster.put("nodes", gpu_node("gpu-1", A100, driver="535.104.05"))
    found = nodes.gpus(kube, packages, POOL, ANYWHERE)
    assert found.state is State.WARN
    assert "driver 535.104, too old" in found.found


@pytest.mark.parametrize(
    ("told", "does"),
    [
        (Toleration(), True),
        (Toleration(key="nvidia.com/gpu"), True),
        (Toleration(key="nvidia.com/gpu", effect="NoExecute"), False),
        (Toleration(key="nvidia.com/gpu", operator="Equal", value="present"), True),
        (Toleration(key="nvidia.com/gpu", operator="Equal", value="true"), False),
        (Toleration(key="other"), False),
    ],
)
def test_a_taint_is_tolerated_as_the_scheduler_sees_it(told: Toleration, does: bool) -> None:
    taint = Taint(key="nvidia.com/gpu", value="present", effect="NoSchedule")
    assert nodes.tolerates(told, taint) is does
