import itertools
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes_objects import NAMESPACE
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import pull
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.kube import ForbiddenError, Kube

IMAGE = "registry.example/codekiln-cli:1"


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {
        "phase": "Pending",
        "containerStatuses": [status({"waiting": {"reason": reason, "message": message}})],
    }


def ended(phase: str, code: int) -> dict[str, Any]:
    return {"phase": phase, "containerStatuses": [status({"terminated": {"exitCode": code}})]}


def status(state: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "version", "image": IMAGE, "imageID": "", "ready": False, "restartCount": 0,
        "state": state,
    }  # fmt: skip


def ticking(step_s: float) -> Callable[[], float]:
    ticks = itertools.count(0.0, step_s)
    return lambda: next(ticks)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "EVERY_S", 0.0)


def test_a_pod_that_ran_is_removed(cluster: Cluster, kube: Kube) -> None:
    cluster.pod_states = [waiting("ContainerCreating"), ended("Succeeded", 0)]
    found = pull.look(kube, IMAGE, ticking(1))
    assert found.state is State.OK
    assert cluster.objects["pods"] == []


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("failed to pull: registry.example/codekiln-cli:1: not found", "push the images"),
        ("pull access denied, repository does not exist", "image.pullSecrets"),
        ("dial tcp: lookup registry.example: no such host", "nodes cannot reach the registry"),
        ("http: server gave HTTP response to HTTPS client", "plain HTTP"),
        ("x509: certificate signed by unknown authority", "trust the registry's certificate"),
    ],
)
def test_an_image_that_cannot_be_pulled_is_told_with_its_remedy(
    said: str, remedy: str, cluster: Cluster, kube: Kube
) -> None:
    cluster.pod_states = [waiting("ImagePullBackOff", said)]
    found = pull.look(kube, IMAGE, ticking(1))
    assert found.state is State.FAIL
    assert found.found == f"ImagePullBackOff: {said}"
    assert remedy in found.remedy
    assert cluster.objects["pods"] == []


def test_a_pod_that_no_node_takes_is_given_up_and_removed(cluster: Cluster, kube: Kube) -> None:
    condition = {
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available",
    }  # fmt: skip
    cluster.pod_states = [{"phase": "Pending", "conditions": [condition]}]
    found = pull.look(kube, IMAGE, ticking(100))
    assert found.state is State.FAIL
    assert "0/3 nodes are available" in found.found
    assert cluster.objects["pods"] == []


def test_an_image_that_runs_badly_was_pulled_all_the_same(cluster: Cluster, kube: Kube) -> None:
    cluster.pod_states = [ended("Failed", 2)]
    found = pull.look(kube, IMAGE, ticking(1))
    assert found.state is State.WARN
    assert "exit code 2" in found.found


def test_who_may_not_make_pods_leaves_none(cluster: Cluster, kube: Kube) -> None:
    cluster.forbid("create", "pods")
    with pytest.raises(ForbiddenError, match="may not create pods in team"):
        pull.look(kube, IMAGE, ticking(1))


def test_the_pod_is_as_restricted_as_the_strictest_namespace_wants() -> None:
    pod = pull.pod("name", IMAGE)
    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert NAMESPACE not in f"{pod}"
