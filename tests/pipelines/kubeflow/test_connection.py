import base64
import io
import sys
import threading
from pathlib import Path

import pytest
from command_line import asking
from kubeflow_api import KubeflowApi
from kubeflow_wire import Fault

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import access
from codekiln_pipelines.kubeflow.access import Access
from codekiln_pipelines.kubeflow.connection import Kubeflow
from codekiln_pipelines.kubeflow.errors import LONGEST, NotThereError, TokenRefusedError

SECRET = "planted-secret-token"  # noqa: S105 -- a test looks for it


def at(api: KubeflowApi, environ: dict[str, str] | None = None, **flags: object) -> Access:
    return access.of(asking(endpoint=api.url, **flags), environ or {})


@pytest.mark.parametrize("way", ["flag", "pod", "variable", "stdin"])
def test_a_token_reaches_the_server_and_nothing_else(
    api: KubeflowApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    way: str,
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    environ, flag = {
        "flag": ({}, str(file)),
        "pod": ({access.TOKEN_FILE: str(file)}, None),
        "variable": ({access.TOKEN: SECRET}, None),
        "stdin": ({}, "-"),
    }[way]
    api.tokens = {SECRET}
    asks = at(api, environ, token_file=flag)
    assert Kubeflow(asks).find_experiment("any") is None
    assert api.requests[-1].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in repr(asks) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (401, TokenRefusedError, "wants to know who asks"),
        ("redirect", TokenRefusedError, "wants to know who asks"),
        ("html", InputError, "answers with text/html, not as Kubeflow's API"),
        (403, InputError, "ask for the right"),
        (404, NotThereError, "look at the id and at --endpoint"),
        (500, ServiceError, r"failed \(500\)"),
        (502, ServiceError, r"does not answer \(502"),
        (429, ServiceError, r"does not answer \(429"),
        ("reset", ServiceError, "does not answer"),
    ],
)
def test_whatever_answers_is_told_in_one_line(
    api: KubeflowApi, fault: int | str, kind: type[Exception], said: str
) -> None:
    api.faults = [Fault(fault, "/runs/", times=3)]
    client = Kubeflow(at(api))
    with pytest.raises(kind, match=said) as raised:
        client.insist(client.runs.run_service_get_run, "r1")
    assert "\n" not in str(raised.value)


def test_a_server_that_is_not_there_is_told_of() -> None:
    client = Kubeflow(access.of(asking(endpoint="http://127.0.0.1:9"), {}))
    with pytest.raises(ServiceError, match=r"http://127\.0\.0\.1:9 does not answer: .*refused"):
        client.ask(client.runs.run_service_get_run, "r1")


def test_a_server_that_speaks_no_tls_is_told_of(api: KubeflowApi) -> None:
    client = Kubeflow(access.of(asking(endpoint=api.url.replace("http:", "https:")), {}))
    with pytest.raises(ServiceError, match=r"does not answer: .*SSL"):
        client.ask(client.runs.run_service_get_run, "r1")


def test_the_message_for_users_is_told_and_cut_to_a_bearable_length(api: KubeflowApi) -> None:
    client = Kubeflow(at(api))
    with pytest.raises(NotThereError) as raised:
        client.ask(client.runs.run_service_get_run, "x" * 3000)
    assert str(raised.value).startswith("Kubeflow finds nothing there: Run xxx")
    assert len(str(raised.value)) < LONGEST + 100


def test_a_passing_fault_of_a_question_is_not_even_noticed(api: KubeflowApi) -> None:
    api.faults = [Fault(503, "/experiments", times=2)]
    assert Kubeflow(at(api)).find_experiment("any") is None


def test_a_list_is_read_to_its_last_page(api: KubeflowApi) -> None:
    api.page_limit = 2
    client = Kubeflow(at(api))
    for number in range(5):
        client.experiment_id(f"e{number}")
    call = client.experiments.experiment_service_list_experiments
    names = [e.display_name for e in client.listed(call, "experiments")]
    assert names == ["e0", "e1", "e2", "e3", "e4"]


def test_an_experiment_is_made_once_even_by_many_at_a_time(api: KubeflowApi) -> None:
    ids: list[str] = []
    make = lambda: ids.append(Kubeflow(at(api)).experiment_id("nightly"))  # noqa: E731
    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    assert len(ids) == 6
    assert len(api.experiments) == 1


def test_an_experiment_whose_answer_was_lost_is_found(api: KubeflowApi) -> None:
    api.faults = [Fault("done", "POST /apis/v2beta1/experiments")]
    assert Kubeflow(at(api)).experiment_id("nightly") in api.experiments


@pytest.mark.parametrize("namespace", [None, "team-b"])
def test_where_users_are_kept_apart_a_namespace_is_asked_for(namespace: str | None) -> None:
    with KubeflowApi(multi_user=True) as api:
        client = Kubeflow(at(api, namespace=namespace))
        wanted = "give --namespace NAME" if namespace is None else "is not authorized"
        with pytest.raises(InputError, match=wanted):
            client.experiment_id("nightly")


def test_where_users_are_kept_apart_each_has_experiments_of_their_own() -> None:
    with KubeflowApi(multi_user=True) as api:
        api.namespaces = {"team-a", "team-b"}
        ids = {Kubeflow(at(api, namespace=name)).experiment_id("e") for name in api.namespaces}
        assert len(ids) == 2


def test_a_namespace_is_not_sent_where_one_user_has_all(api: KubeflowApi) -> None:
    Kubeflow(at(api, {access.NAMESPACE: "mine"})).experiment_id("e")
    assert b"mine" not in api.asked("POST", "/experiments")[0].body


def test_a_link_leads_to_the_page(api: KubeflowApi) -> None:
    assert Kubeflow(at(api)).page("runs/details/r1") == f"{api.url}/#/runs/details/r1"
    pages = {access.PAGES: "https://kfp.example.com/"}
    assert Kubeflow(at(api, pages)).page("x") == "https://kfp.example.com/#/x"


def test_a_proxy_is_used_as_curl_would(api: KubeflowApi) -> None:
    through = access.of(asking(endpoint="http://kfp.invalid"), {"http_proxy": api.url})
    assert Kubeflow(through).find_experiment("any") is None
    assert api.requests[-1].headers["host"] == "kfp.invalid"
    around = {"HTTP_PROXY": api.url, "NO_PROXY": ".invalid"}
    assert access.of(asking(endpoint="http://kfp.invalid"), around).proxy is None


def test_a_proxy_is_told_who_asks_and_nobody_else_is(api: KubeflowApi) -> None:
    proxy = api.url.replace("http://", "http://me:p%40ss@")
    through = access.of(asking(endpoint="http://kfp.invalid"), {"http_proxy": proxy})
    assert Kubeflow(through).find_experiment("any") is None
    told = base64.b64encode(b"me:p@ss").decode()
    assert api.requests[-1].headers["proxy-authorization"] == f"Basic {told}"
    assert "p%40ss" not in repr(through)


@pytest.mark.parametrize("name", ["a+b", "100%", "a b & c", 'say "x"', "ü"])
def test_any_name_is_found_again(api: KubeflowApi, name: str) -> None:
    client = Kubeflow(at(api))
    assert client.experiment_id(name) == client.find_experiment(name)
    assert len(api.experiments) == 1
