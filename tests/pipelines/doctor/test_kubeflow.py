import argparse
import time
from collections.abc import Callable, Iterator

import pytest
from kubeflow_api import KubeflowApi

from codekiln_pipelines.doctor import kubeflow as subject
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Finding, State
from codekiln_pipelines.kubeflow.access import Access, of

TOKEN = "planted-kfp-33d1"  # noqa: S105 -- of a server that lives for one test


@pytest.fixture
def api() -> Iterator[KubeflowApi]:
    with KubeflowApi() as api:
        yield api


def access(endpoint: str, token: str | None = None, namespace: str | None = None) -> Access:
    told = argparse.Namespace(
        endpoint=endpoint, namespace=namespace, token_file=None, port_forward=False,
        kube_context=None, kubeflow_namespace="kubeflow",
    )  # fmt: skip
    return of(told, {"KFP_TOKEN": token} if token else {})


def examined(told: Callable[[], Access | None]) -> dict[str, Finding]:
    lines = Examination([subject.subject(told, asked=True)]).lines()
    return {line.check: line.finding for line in lines}


def test_a_kubeflow_that_answers_tells_its_version_and_its_mode(api: KubeflowApi) -> None:
    found = examined(lambda: access(api.url))
    assert [f.state for f in found.values()] == [State.OK] * 3
    assert found["kubeflow.health"].found.startswith("version 2.17.0, one namespace for all, ")
    assert found["kubeflow.token"].found == "no token is wanted; experiments can be listed"


def test_a_token_that_is_known_is_accepted_and_not_shown(api: KubeflowApi) -> None:
    api.tokens, api.multi_user = {TOKEN}, True
    found = examined(lambda: access(api.url, TOKEN, "team-a"))
    assert found["kubeflow.token"].state is State.OK
    assert "the token is accepted" in found["kubeflow.token"].found
    assert TOKEN not in f"{found}"


def test_a_token_that_is_not_known_is_refused_and_not_shown(api: KubeflowApi) -> None:
    api.tokens, api.multi_user = {"another"}, True
    found = examined(lambda: access(api.url, TOKEN, "team-a"))["kubeflow.token"]
    assert found.state is State.FAIL
    assert found.remedy
    assert TOKEN not in f"{found}"


def test_a_kubeflow_of_many_users_wants_a_namespace(api: KubeflowApi) -> None:
    api.multi_user = True
    found = examined(lambda: access(api.url))["kubeflow.token"]
    assert found.state is State.FAIL
    assert "--namespace" in found.remedy


def test_a_namespace_of_others_is_told(api: KubeflowApi) -> None:
    api.multi_user = True
    assert examined(lambda: access(api.url, None, "team-b"))["kubeflow.token"].state is State.FAIL


def test_a_server_that_is_away_ends_the_subject_at_once() -> None:
    began = time.monotonic()
    found = examined(lambda: access("http://127.0.0.1:1"))
    assert time.monotonic() - began < 5
    assert found["kubeflow.health"].state is State.FAIL
    assert "kubeflow.token" not in found


def test_nothing_told_is_nothing_to_look_at() -> None:
    found = examined(lambda: None)
    assert [f.state for f in found.values()] == [State.SKIP]


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2.17.0", State.OK),
        ("v2.16.1", State.OK),
        ("2.5.0", State.WARN),
        ("2.4.1", State.FAIL),
        ("1.8.5", State.FAIL),
        ("unknown", State.OK),
    ],
)
def test_the_version_decides_what_a_run_may_ask(version: str, state: State) -> None:
    assert subject.judged_health({"tag_name": version}, 0.01).state is state


def test_the_pages_pass_on_what_the_api_server_says() -> None:
    told = {"apiServerTagName": "2.4.0", "apiServerReady": True, "multi_user": True}
    found = subject.judged_health(told, 0.01)
    assert found.state is State.FAIL
    assert "version 2.4.0, one namespace a user" in found.found


def test_pages_without_an_api_server_are_told() -> None:
    found = subject.judged_health({"apiServerReady": False}, 0.01)
    assert found.state is State.FAIL
    assert "deployment/ml-pipeline" in found.remedy


def test_a_slow_answer_is_a_warning() -> None:
    assert subject.judged_health({"tag_name": "2.17.0"}, 3.0).state is State.WARN
