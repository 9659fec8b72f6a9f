from typing import Any

import pytest
from kubernetes_objects import NAMESPACE, named
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import cluster as subject
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.kube import Kube
from codekiln_pipelines.doctor.needs import Packages


def test_the_server_tells_its_version(kube: Kube) -> None:
    found = subject.server(kube)
    assert found.state is State.OK
    assert found.found.startswith("Kubernetes v1.33.1 at http://127.0.0.1:")


def test_an_old_server_is_a_warning(cluster: Cluster, kube: Kube) -> None:
    cluster.version |= {"minor": "27+", "gitVersion": "v1.27.3-eks"}
    assert subject.server(kube).state is State.WARN


def test_a_namespace_that_is_not_there_is_told(cluster: Cluster, kube: Kube) -> None:
    cluster.remove("namespaces", NAMESPACE)
    found = subject.namespace(kube)
    assert found.state is State.FAIL
    assert "kubectl create namespace team" in found.remedy


def test_a_namespace_that_is_being_deleted_takes_nothing_new(cluster: Cluster, kube: Kube) -> None:
    cluster.put("namespaces", named(NAMESPACE, status={"phase": "Terminating"}))
    assert "is being deleted" in subject.namespace(kube).found


def test_who_may_not_read_a_namespace_may_work_in_it(cluster: Cluster, kube: Kube) -> None:
    cluster.forbid("get", "namespaces")
    assert subject.namespace(kube).state is State.OK


@pytest.mark.parametrize(
    ("classes", "state"),
    [
        ([], State.WARN),
        ([("a", {})], State.WARN),
        ([("a", {}), ("b", {subject.DEFAULT_CLASS: "true"})], State.OK),
    ],
)
def test_a_storage_class_must_be_the_default(
    classes: list[tuple[str, dict[str, str]]], state: State
) -> None:
    assert subject.judged_storage(classes).state is state


def test_priority_classes_that_are_missing_are_named(cluster: Cluster, kube: Kube) -> None:
    cluster.remove("priorityclasses", "codekiln-training")
    found = subject.priorities(kube)
    assert found.state is State.SKIP
    assert "no priority class codekiln-training:" in found.found


def put_queue(cluster: Cluster, **condition: Any) -> None:
    status = {"conditions": [{"type": "Active", **condition}]}
    queue = named("codekiln", NAMESPACE, spec={"clusterQueue": "team"}, status=status)
    cluster.put("localqueues", queue)


def test_a_queue_is_found_in_whichever_version_kueue_serves(cluster: Cluster, kube: Kube) -> None:
    put_queue(cluster, status="True")
    assert subject.queue(kube, "codekiln").found == "LocalQueue codekiln of ClusterQueue team"


def test_a_queue_that_takes_no_work_is_told_with_its_reason(cluster: Cluster, kube: Kube) -> None:
    put_queue(cluster, status="False", message="ClusterQueue team does not exist")
    found = subject.queue(kube, "codekiln")
    assert found.state is State.FAIL
    assert "ClusterQueue team does not exist" in found.found


def test_a_queue_that_is_missing_is_told(kube: Kube) -> None:
    assert subject.queue(kube, "codekiln").state is State.FAIL


def test_every_check_of_a_good_cluster_is_ok(kube: Kube, packages: Packages) -> None:
    checks = subject.subject(kube, packages, subject.Wanted(pool="a100"), asked=True).checks
    found = {check.name: check.look() for check in checks}
    bad = {name: f for name, f in found.items() if f.state is not State.OK}
    assert set(bad) == {"cluster.pool.h100"}
    assert bad["cluster.pool.h100"].state is State.SKIP


def test_what_an_account_of_one_namespace_may_not_read_is_a_warning(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    for resource in ("nodes", "storageclasses", "priorityclasses"):
        cluster.forbid("list", resource)
    cluster.forbid("get", "namespaces")
    cluster.forbid("create", "localsubjectaccessreviews")
    checks = subject.subject(kube, packages, subject.Wanted(), asked=True).checks
    found = {check.name: check.look() for check in checks}
    assert not [name for name, f in found.items() if f.state is State.FAIL]
    assert "may not list nodes" in found["cluster.nodes"].found
    assert "may not list storageclasses" in found["cluster.storage"].found
