from pathlib import Path

import pytest
from kubernetes import client

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import kubeconfig

TOLD = """apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: one, user: me}}}}]
clusters: [{{name: one, cluster: {{server: "{0}"}}}}]
users: [{{name: me, user: {{token: "{1}"}}}}]
"""


def load(path: Path, context: str | None = None) -> client.Configuration:
    told = client.Configuration()
    kubeconfig.load(str(path), context, told, persist=False)
    return told


@pytest.mark.parametrize("server", ["https://one.example:6443", "one.example:6443"])
def test_the_server_of_the_context_is_told(tmp_path: Path, server: str) -> None:
    path = tmp_path / "config"
    path.write_text(TOLD.format(server, "planted"))
    assert load(path).host == server


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\n:bad: [", "is no YAML, see its line 2"),
        (b"- planted", "has not the form of a kubeconfig"),
        (b"planted", "has not the form of a kubeconfig"),
        (b"\xff\xfe\x00", "has not the form of a kubeconfig"),
        (b"", "file is empty"),
        (TOLD.format("http://[::1", "planted").encode(), "'http://\\[::1', no addr"),
        (TOLD.format("http://one:99999", "x").encode(), "'http://one:99999', no addr"),
        (TOLD.format("", "planted").encode(), "its server is ''"),
        (TOLD.format("http://one", "planted\\n").encode(), "its token holds a line"),
    ],
)
def test_what_is_wrong_with_a_kubeconfig_is_one_line_without_its_secrets(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        load(path)
    assert "planted" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_context_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(TOLD.format("http://one", "planted"))
    with pytest.raises(InputError, match="nowhere"):
        load(path, "nowhere")
