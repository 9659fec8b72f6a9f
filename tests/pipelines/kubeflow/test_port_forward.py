import io
import os
import socket
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import asking
from kubeflow_api import Frame, KubeflowApi
from kubernetes_api import KubernetesApi
from rich.console import Console

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import access, connection, follow, port_forward
from codekiln_pipelines.kubeflow.access import Access
from codekiln_pipelines.kubeflow.follow import Pace, RunView
from codekiln_pipelines.kubeflow.port_forward import Service

SECRET = "planted-secret-token"  # noqa: S105 -- a test looks for it


@pytest.fixture
def cluster(
    api: KubeflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KubernetesApi]:
    with KubernetesApi(api.port) as server:
        monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path)))
        yield server


def through_cluster(environ: dict[str, str] | None = None) -> Access:
    known = {"KUBECONFIG": os.environ["KUBECONFIG"], **(environ or {})}
    return access.of(asking(port_forward=True), known)


def run_of(api: KubeflowApi, *frames: Frame) -> str:
    api.runs["r1"] = {"run_id": "r1", "state": "PENDING", "state_history": []}
    api._frames["r1"] = list(frames)
    return "r1"


def test_a_port_forward_leads_to_the_api(api: KubeflowApi, cluster: KubernetesApi) -> None:
    with connection.connected(through_cluster()) as client:
        made = client.experiment_id("nightly")
    assert made in api.experiments
    assert set(cluster.forwarded) == {"ml-pipeline-1"}


@pytest.mark.usefixtures("cluster")
def test_a_port_forward_carries_megabytes_both_ways(
    api: KubeflowApi,
) -> None:
    text = "x" * 3_000_000
    api.experiments["big"] = {"experiment_id": "big", "display_name": "b", "description": text}
    api.experiments["big"]["namespace"] = ""
    with connection.connected(through_cluster()) as client:
        call = client.experiments.experiment_service_list_experiments
        (found,) = client.listed(call, "experiments")
        assert len(found.description) == len(text)
        sent = client.api.V2beta1Experiment(display_name="c", description=text)
        client.ask(client.experiments.experiment_service_create_experiment, experiment=sent)
    assert len(api.experiments) == 2


@pytest.mark.usefixtures("cluster")
def test_a_port_forward_listens_for_this_machine_only_and_is_closed_at_the_end() -> None:
    service = Service("kubeflow", "ml-pipeline", 8888)
    leading = port_forward.Cluster(os.environ["KUBECONFIG"], None)
    with port_forward.opened(leading, service) as tunnel:
        assert tunnel.address.startswith("http://127.0.0.1:")
        port = tunnel.address.rpartition(":")[2]
        listening = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False)
        assert f"0.0.0.0:{port}" not in listening.stdout
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(port)), timeout=2)


def test_a_wait_outlives_the_pod_that_it_was_forwarded_to(
    api: KubeflowApi, cluster: KubernetesApi
) -> None:
    run_id = run_of(api, Frame("RUNNING"), Frame("RUNNING"), Frame("RUNNING"), Frame("SUCCEEDED"))

    def die(_: object) -> None:
        if len(api.requests) == 2:
            cluster.pods = {"ml-pipeline-2": True}
            cluster.break_streams()

    api.on_request = die
    out = io.StringIO()
    with connection.connected(through_cluster()) as client, warnings.catch_warnings():
        view = RunView(Console(file=out, width=200))
        state = follow.to_the_end(client, run_id, view, Pace(poll_s=0.05, patience_s=20))
    assert state.state == "SUCCEEDED"
    assert cluster.forwarded[-1] == "ml-pipeline-2"


def test_a_service_without_a_ready_pod_is_told_of(cluster: KubernetesApi) -> None:
    cluster.pods = {"ml-pipeline-1": False}
    with (
        pytest.raises(ServiceError, match=r"no pod of service kubeflow/ml-pipeline is ready"),
        connection.connected(through_cluster()),
    ):
        pass


def test_a_cluster_that_forbids_it_is_told_of(cluster: KubernetesApi) -> None:
    cluster.forbidden = True
    with (
        pytest.raises(InputError, match=r"the cluster refuses kubeflow/ml-pipeline: Forbidden"),
        connection.connected(through_cluster()),
    ):
        pass


def test_a_kubeconfig_that_is_not_there_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with (
        pytest.raises(InputError, match="cannot use the kubeconfig"),
        connection.connected(through_cluster()),
    ):
        pass


def test_a_cluster_that_takes_connections_and_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port_forward, "TIMEOUT_S", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        path = tmp_path / "config"
        path.write_text(
            "{current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], clusters: "
            f"[{{name: c, cluster: {{server: 'http://127.0.0.1:{mute.getsockname()[1]}'}}}}], "
            "users: [{name: u, user: {token: t}}]}"
        )
        cluster = port_forward.Cluster(str(path), None)
        with pytest.raises(ServiceError, match="the cluster does not answer"):
            cluster.pod_of(Service("kubeflow", "ml-pipeline", 8888))


@pytest.mark.usefixtures("cluster")
def test_a_setting_of_the_installation_is_read_where_the_cluster_lets_us() -> None:
    with connection.connected(through_cluster()) as client:
        assert client.install_setting("cronScheduleTimezone") == "Europe/Berlin"


@pytest.mark.usefixtures("cluster")
def test_a_link_says_how_to_get_to_the_page() -> None:
    with connection.connected(through_cluster()) as client:
        assert "port-forward svc/ml-pipeline-ui" in client.page("runs/details/r1")
