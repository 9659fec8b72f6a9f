from typing import Any

from chart.rendering import rendered
from kubernetes_objects import NAMESPACE, named
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import objects, rights
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.kube import Kube

LAUNCHER = ("ConfigMap", "kfp-launcher")


def test_the_runner_may_what_a_step_does(kube: Kube) -> None:
    found = rights.runner(kube)
    assert found.state is State.OK
    assert "create workflowtaskresults in team" in found.found


def test_a_runner_that_cannot_report_is_told(cluster: Cluster, kube: Kube) -> None:
    cluster.denied.add(("patch", "workflowtaskresults"))
    found = rights.runner(kube)
    assert found.state is State.FAIL
    assert found.found == "codekiln-runner may not patch workflowtaskresults in team"


def launcher_of(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the chart tells KFP's launcher."""
    return named("kfp-launcher", NAMESPACE, data=rendered(values).find(*LAUNCHER)["data"])


def test_a_runner_with_an_identity_of_the_cloud_needs_no_right_on_a_secret(
    cluster: Cluster, kube: Kube
) -> None:
    cluster.put("configmaps", launcher_of({"s3": {"credentials": {"from": "identity"}}}))
    cluster.denied.add(("get", "secrets"))
    assert rights.runner(kube).state is State.OK


def test_a_runner_reads_the_secret_that_the_launcher_names_and_no_other(
    cluster: Cluster, kube: Kube
) -> None:
    cluster.put("configmaps", launcher_of({"s3": {"credentials": {"secretName": "team-keys"}}}))
    found = rights.runner(kube)
    assert "get secrets/team-keys" in found.found
    assert "codekiln-s3" not in found.found


def test_a_runner_whose_launcher_we_may_not_see_is_taken_to_read_the_usual_secret(
    cluster: Cluster, kube: Kube
) -> None:
    cluster.forbid("get", "configmaps")
    assert objects.store_secret(kube) == objects.S3


def test_who_may_not_ask_for_others_learns_which_right_is_missing(
    cluster: Cluster, kube: Kube
) -> None:
    cluster.forbid("create", "localsubjectaccessreviews")
    (check,) = rights.checks(kube, pulls=False, forwards=None)
    found = check.look()
    assert found.state is State.WARN
    assert "may not create localsubjectaccessreviews" in found.found


def test_only_rights_that_were_asked_for_are_looked_at(kube: Kube) -> None:
    assert [c.name for c in rights.checks(kube, pulls=False, forwards=None)] == ["cluster.runner"]
    names = [c.name for c in rights.checks(kube, pulls=True, forwards="kubeflow")]
    assert names == ["cluster.rights", "cluster.runner"]


def test_a_port_forward_wants_its_own_right(cluster: Cluster, kube: Kube) -> None:
    cluster.denied.add(("create", "pods/portforward"))
    found = rights.checks(kube, pulls=False, forwards=NAMESPACE)[0].look()
    assert found.state is State.FAIL
    assert found.found == "this account may not create pods/portforward in team"
    assert "--verb=create --resource=pods/portforward" in found.remedy
