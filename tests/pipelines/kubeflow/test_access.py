import io
import sys
from pathlib import Path

import pytest
from command_line import asking

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import access

SECRET = "planted-secret-token"  # noqa: S105 -- a test looks for it


@pytest.mark.parametrize("name", access.ENDPOINTS)
def test_the_address_comes_from_the_environment(name: str) -> None:
    assert access.endpoint_of(asking(), {name: "kfp.example.com/pipeline/"}) == (
        "https://kfp.example.com/pipeline"
    )


def test_the_address_of_a_flag_wins() -> None:
    assert (
        access.of(asking(endpoint="http://a"), {"KFP_ENDPOINT": "http://b"}).endpoint == "http://a"
    )


def test_in_a_pod_the_service_of_the_cluster_is_the_address() -> None:
    assert access.endpoint_of(asking(), {access.IN_POD: "10.0.0.1"}) == (
        "http://ml-pipeline.kubeflow.svc.cluster.local:8888"
    )


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        (None, "which Kubeflow"),
        ("ftp://x", "is no address"),
        ("https://", "is no address"),
        ("https://me:hunter2@kfp", "carries a user or a password"),
        ("https://me:hunter2@kfp:port", "carries a user or a password"),
        ("https://kfp:99999", "is no address"),
        ("https://[::1", "is no address"),
        ("https://kfp example/pipeline", "is no address"),
    ],
)
def test_an_address_that_is_none_is_refused(endpoint: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        access.endpoint_of(asking(endpoint=endpoint), {})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "two words", "schlüssel"])
def test_a_file_that_holds_no_token_is_refused_without_repeating_it(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    token, _, _ = access.token_of(str(file), {})
    with pytest.raises(InputError, match="holds no token") as refused:
        token()
    assert not content or content not in str(refused.value)


@pytest.mark.parametrize("content", ["\n", "two words", "schlüssel", "a\x00b"])
def test_standard_input_that_holds_no_token_is_refused_without_repeating_it(
    content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(content))
    token, _, _ = access.token_of("-", {})
    with pytest.raises(InputError, match="standard input holds no token") as refused:
        token()
    assert not content.strip() or content not in str(refused.value)


@pytest.mark.parametrize("content", ["two words", "two\nlines", "schlüssel", "a\x00b"])
def test_a_variable_that_holds_no_token_is_refused_without_repeating_it(content: str) -> None:
    token, _, _ = access.token_of(None, {access.TOKEN: content})
    with pytest.raises(InputError, match="KFP_TOKEN holds no token") as refused:
        token()
    assert content not in str(refused.value)


def test_an_authority_whose_file_is_not_there_is_told_before_anybody_is_asked() -> None:
    with pytest.raises(InputError, match="SSL_CERT_FILE names /nowhere, which cannot be read"):
        access.of(asking(endpoint="https://kfp.example.com"), {"SSL_CERT_FILE": "/nowhere"})


def test_a_proxy_may_be_named_by_host_and_port_alone() -> None:
    told = {"https_proxy": "proxy.example.com:3128"}
    assert access.proxy_for("https://kfp.example.com", told) == "http://proxy.example.com:3128"


@pytest.mark.parametrize("proxy", ["socks5://me:hunter2@proxy:1080", "http://", "http://[::1"])
def test_a_proxy_that_cannot_be_spoken_to_is_refused_without_its_password(proxy: str) -> None:
    with pytest.raises(InputError, match="give http://HOST:PORT") as refused:
        access.of(asking(endpoint="https://kfp.example.com"), {"ALL_PROXY": proxy})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("endpoint", "warned"),
    [
        ("https://kfp.example.com", False),
        ("http://kfp.example.com", True),
        ("http://localhost:8080", False),
        ("http://ml-pipeline.kubeflow.svc.cluster.local:8888", False),
    ],
)
def test_a_token_that_would_go_unencrypted_is_warned_of(endpoint: str, warned: bool) -> None:
    known = {access.TOKEN: SECRET}
    assert access.of(asking(endpoint=endpoint), known).sends_token_in_the_clear is warned
    assert not access.of(asking(endpoint=endpoint), {}).sends_token_in_the_clear


def test_in_a_pod_no_link_leads_to_the_api() -> None:
    assert access.of(asking(), {access.IN_POD: "10.0.0.1"}).pages is None
