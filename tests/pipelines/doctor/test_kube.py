import time
from pathlib import Path

import ceph
import kubernetes_server
import pytest
from kubernetes_server import Cluster

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.doctor import kube as subject
from codekiln_pipelines.doctor.finding import Finding, State
from codekiln_pipelines.doctor.kube import AbsentError, ForbiddenError, Kube, Right

NODES = Right(verb="list", resource="nodes")


def test_what_may_not_be_read_names_the_right_that_is_missing(cluster: Cluster, kube: Kube) -> None:
    cluster.forbid("list", "nodes")
    with pytest.raises(ForbiddenError, match="may not list nodes"):
        kube.ask(NODES, kube.of("CoreV1Api").list_node)


def test_a_missing_right_is_a_warning_with_the_command_that_gives_it() -> None:
    right = Right(verb="get", resource="secrets", namespace="team", name="codekiln-s3")

    def look() -> Finding:
        raise ForbiddenError(right)

    found = subject.checked("c", look).look()
    assert found.state is State.WARN
    assert found.found == "not looked at: this account may not get secrets/codekiln-s3 in team"
    assert found.remedy.startswith("kubectl create role codekiln-look --namespace team --verb=get")


def test_rights_on_the_whole_cluster_are_what_the_chart_gives_on_demand() -> None:
    assert "doctor.clusterRead=true" in NODES.remedy


def test_what_is_not_there_is_told_apart(kube: Kube) -> None:
    right = Right(verb="get", resource="secrets", namespace="team", name="none")
    with pytest.raises(AbsentError, match="has no secrets/none; check --namespace"):
        kube.ask(right, kube.of("CoreV1Api").read_namespaced_secret, "none", "team")


def test_a_kind_that_the_cluster_does_not_know_is_not_there(kube: Kube) -> None:
    get = kube.of("CustomObjectsApi").get_namespaced_custom_object
    with pytest.raises(AbsentError):
        kube.ask(NODES, get, "unknown.io", "v1", "team", "things", "name")


def test_an_account_that_the_cluster_does_not_know_is_told_so(
    cluster: Cluster, kube: Kube, tmp_path: Path
) -> None:
    cluster.write_kubeconfig(tmp_path / "kubeconfig", token="wrong")  # noqa: S106 -- as it says
    with pytest.raises(InputError, match=r"\(401\); renew the credentials"):
        kube.ask(NODES, kube.of("CoreV1Api").list_node)


def test_a_server_that_is_gone_is_told_at_once(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.address = "http://127.0.0.1:1"
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "k")))
    kube = Kube(None, "team", in_pod=False)
    began = time.monotonic()
    with pytest.raises(ServiceError, match="does not answer"):
        kube.ask(NODES, kube.of("CoreV1Api").list_node)
    assert time.monotonic() - began < 5


def test_a_certificate_that_is_not_trusted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ceph.certify(tmp_path)
    with kubernetes_server.serving((tmp_path / "server.pem", tmp_path / "server.key")) as cluster:
        monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "k")))
        kube = Kube(None, "team", in_pod=False)
        with pytest.raises(ServiceError, match="certificate verify failed"):
            kube.ask(NODES, kube.of("CoreV1Api").list_node)


def test_a_context_that_is_not_in_the_kubeconfig_is_an_error_of_the_user(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "k")))
    with pytest.raises(InputError, match="give --context, or set KUBECONFIG"):
        _ = Kube("nowhere", "team", in_pod=False).api


def test_a_kubeconfig_is_found_where_the_variable_points(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    assert not subject.is_configured({"KUBECONFIG": str(path)})
    path.touch()
    assert subject.is_configured({"KUBECONFIG": str(path)})
