from collections.abc import Iterator
from pathlib import Path

import kubernetes_server
import pytest
from kubernetes_objects import NAMESPACE, furnish, need
from kubernetes_server import Cluster

from codekiln_pipelines.cluster import POOLS
from codekiln_pipelines.doctor.kube import Kube
from codekiln_pipelines.doctor.needs import Packages


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Serve a cluster in which everything is as runs need it."""
    with kubernetes_server.serving() as cluster:
        furnish(cluster)
        yield cluster


@pytest.fixture
def kube(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kube:
    """Lead to `cluster` through a kubeconfig."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "kubeconfig")))
    return Kube(None, NAMESPACE, in_pod=False)


@pytest.fixture
def packages() -> Packages:
    """Ask for what a mining and a training step ask for."""
    training = need("train-model", 1, cpu="8", memory="64Gi")
    return Packages(known=dict.fromkeys(POOLS, (need(cpu="4", memory="16Gi"), training)))
