import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ceph
import kubernetes_server
import pytest
import radosgw
from kubeflow_api import KubeflowApi
from kubernetes_objects import NAMESPACE, furnish
from kubernetes_server import Cluster

from codekiln.core import flags
from codekiln.core.errors import InputError
from codekiln_pipelines.doctor import command
from codekiln_pipelines.doctor.finding import Subject
from codekiln_pipelines.kubeflow import access

Codes = dict[str, str]
PROGRAM = """
import sys
from codekiln.core import flags
from codekiln_pipelines.doctor import command

parser = flags.Parser(prog="codekiln")
command.add(parser.add_subparsers())
told = parser.parse_args(["doctor", *sys.argv[1:]])
sys.exit(told.do(told, []))
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this machine tell of no store, no Kubeflow and no cluster."""
    radosgw.settle(monkeypatch, {})
    for name in ("KUBECONFIG", access.NAMESPACE, access.TOKEN, access.IN_POD, *access.ENDPOINTS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Codes, str]]:
    """Return what runs the command: its exit code, the state of each check, all that it said."""

    def run(*argv: str) -> tuple[int, Codes, str]:
        code = told_do("--json", *argv)
        said = capsys.readouterr()
        checks = json.loads(said.out)["checks"]
        return code, {c["check"]: c["state"] for c in checks}, said.out + said.err

    return run


def told_do(*argv: str) -> int:
    parser = flags.Parser(prog="codekiln")
    command.add(parser.add_subparsers())
    told, rest = parser.parse_known_args(["doctor", *argv])
    code: int = told.do(told, rest)
    return code


Doctor = Callable[..., tuple[int, Codes, str]]


def test_a_bare_laptop_has_nothing_that_fails(doctor: Doctor) -> None:
    began = time.monotonic()
    code, states, _ = doctor("--only", "machine,gpu,store,kubeflow,cluster")
    assert time.monotonic() - began < 10
    assert states["store.settings"] == "skip"
    assert states["cluster.server"] == "skip"
    assert (code == 0) is ("fail" not in states.values())


def test_only_the_subjects_that_are_named_are_looked_at(doctor: Doctor) -> None:
    _, states, _ = doctor("--only", "store,machine")
    assert {name.partition(".")[0] for name in states} == {"machine", "store"}
    assert list(states)[-1] == "store.settings"


@pytest.mark.parametrize("argv", [["--only", "kubflow"], ["--unknown"], ["extra"]])
def test_wrong_flags_are_errors_of_the_user(argv: list[str]) -> None:
    with pytest.raises(InputError):
        told_do(*argv)


def test_an_unknown_subject_is_told_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match="kubeflow"):
        command.wanted("kubflow")


def test_a_store_that_was_asked_for_and_fails_ends_with_1(doctor: Doctor) -> None:
    code, states, said = doctor("--only", "store", "--store", "s3://bucket")
    assert code == 1
    assert states == {"store.settings": "fail"}
    assert "AWS_ACCESS_KEY_ID" in said


@pytest.mark.parametrize("store", ["", " "])
def test_an_empty_store_is_not_the_root_of_this_machine(doctor: Doctor, store: str) -> None:
    code, states, said = doctor("--only", "store", "--store", store)
    assert (code, states) == (1, {"store.settings": "fail"})
    assert "--store is empty" in said


def test_a_folder_is_tried_as_a_store(doctor: Doctor, tmp_path: Path) -> None:
    code, states, _ = doctor("--only", "store", "--store", str(tmp_path))
    assert code == 0
    assert set(states.values()) == {"ok"}


def test_a_kubeflow_of_the_environment_is_asked(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with KubeflowApi() as api:
        monkeypatch.setenv("KFP_ENDPOINT", api.url)
        code, states, _ = doctor("--only", "kubeflow")
    assert code == 0
    assert set(states.values()) == {"ok"}


def test_naming_a_subject_does_not_make_it_configured(doctor: Doctor) -> None:
    code, states, _ = doctor("--only", "kubeflow,cluster,store")
    assert (code, set(states.values())) == (0, {"skip"})


@pytest.mark.parametrize("flag", [["--context", "c"], ["--pool", "a100"], ["--namespace", "n"]])
def test_a_cluster_that_a_flag_asks_for_must_be_there(flag: list[str], doctor: Doctor) -> None:
    code, states, said = doctor("--only", "cluster", *flag)
    assert (code, states) == (1, {"cluster.server": "fail"})
    assert "set KUBECONFIG" in said


def test_a_subject_that_cannot_be_made_does_not_hide_the_others(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: command.Told) -> Subject:
        raise KeyError("planted-5e6f")

    monkeypatch.setattr(command, "SUBJECTS", {**command.SUBJECTS, "gpu": broken})
    code, states, said = doctor("--only", "gpu,store")
    assert (code, states) == (1, {"gpu": "fail", "store.settings": "skip"})
    assert "KeyError at test_command.py" in said
    assert "planted" not in said


def test_a_cluster_of_the_kubeconfig_that_nobody_asked_for_only_warns(
    cluster: Cluster, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.remove("serviceaccounts", "codekiln-runner")
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "kubeconfig")))
    monkeypatch.setenv(access.NAMESPACE, NAMESPACE)
    code, states, _ = doctor()
    assert states["cluster.account"] == "warn"
    code, states, _ = doctor("--only", "cluster", "--context", "test")
    assert (code, states["cluster.account"]) == (1, "fail")


def test_no_secret_of_a_namespace_is_told(
    cluster: Cluster, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "kubeconfig")))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-1a2b")
    monkeypatch.setenv("KFP_TOKEN", "planted-3c4d")
    code, states, said = doctor("--namespace", NAMESPACE, "--only", "cluster")
    assert (code, states["cluster.secret"]) == (0, "ok")
    assert "planted" not in said
    assert kubernetes_server.TOKEN not in said


def in_pod(cluster: Cluster, folder: Path, authority: Path, patch: pytest.MonkeyPatch) -> None:
    """Let this process be a pod of `cluster`, as far as a client sees."""
    from kubernetes.config import incluster_config

    host, _, port = cluster.address.removeprefix("https://").partition(":")
    patch.setenv("KUBERNETES_SERVICE_HOST", host)
    patch.setenv("KUBERNETES_SERVICE_PORT", port)
    (folder / "token").write_text(kubernetes_server.TOKEN)
    (folder / "namespace").write_text(f"{NAMESPACE}\n")
    patch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(folder / "token"))
    patch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(authority))
    patch.setattr(access, "POD_NAMESPACE", folder / "namespace")


NOT_OF_ONE_NAMESPACE = [
    ("list", "nodes"),
    ("list", "storageclasses"),
    ("list", "priorityclasses"),
    ("create", "localsubjectaccessreviews"),
]


def test_a_pod_with_the_rights_of_one_namespace_fails_nothing(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ceph.certify(tmp_path)
    certificate = (tmp_path / "server.pem", tmp_path / "server.key")
    with kubernetes_server.serving(certificate) as cluster:
        furnish(cluster)
        for right in NOT_OF_ONE_NAMESPACE:
            cluster.forbid(*right)
        in_pod(cluster, tmp_path, tmp_path / "ca.pem", monkeypatch)
        code, states, said = doctor("--in-cluster", "--only", "machine,cluster", "--work", "/")
    assert code == 0, said
    assert states["cluster.launcher"] == "ok"
    assert states["cluster.nodes"] == "warn"
    assert "machine.space.work" not in states


def test_a_pod_tries_the_store_of_kubeflows_settings(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig(tmp_path / "kubeconfig")))
    parser = flags.Parser(prog="codekiln")
    command.add(parser.add_subparsers())
    read = parser.parse_args(["doctor", "--in-cluster", "--namespace", NAMESPACE])
    told = command.Told(read, os.environ)
    told.kube._in_pod = False
    assert told.store() == "s3://bucket/runs"
    told = command.Told(argparse.Namespace(**{**vars(read), "store": "s3://other"}), os.environ)
    assert told.store() == "s3://other"


def test_a_cluster_that_hangs_does_not_keep_the_program(cluster: Cluster, tmp_path: Path) -> None:
    cluster.delay_s = 60
    environment = {
        **os.environ, "KUBECONFIG": str(cluster.write_kubeconfig(tmp_path / "kubeconfig")),
    }  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--only", "cluster", "--json"],
        capture_output=True, text=True, env=environment, timeout=50, check=False,
    )  # fmt: skip
    assert time.monotonic() - began < 30
    assert done.returncode == 1, done.stderr
    (told,) = json.loads(done.stdout)["checks"]
    assert (told["check"], told["state"]) == ("cluster.server", "fail")


def test_help_imports_neither_kfp_nor_the_clients() -> None:
    program = PROGRAM + "\n"
    code = f"""
import sys
sys.argv = ["codekiln", "--only", "machine"]
try:
    exec({program!r})
except SystemExit:
    pass
heavy = {{"kfp", "kubernetes", "obstore", "botocore", "kfp_server_api"}} & set(sys.modules)
sys.exit(f"imported: {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
