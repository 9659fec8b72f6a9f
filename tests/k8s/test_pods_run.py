"""The pods of k8s/jobs and of `helm test`, run for real on an S3 server by podman.

Podman stands in for a node: it takes the pod with its users, read-only roots, limits and volumes,
and the chart's ConfigMap. What it does not do as Kubernetes does is done here, and said where.
"""

import io
import json
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import histories
import pytest
import radosgw
import yaml
from chart.rendering import Manifest, rendered
from k8s.manifests import K8S, kustomization
from radosgw import Server

from codekiln.core import container

pytestmark = [pytest.mark.platform, pytest.mark.s3]

USER = 65532
PHASES = ["survey-history", "mine-commits", "tokenize", "plan-training", "train-model"]


def podman(*words: str, given: bytes = b"") -> str:
    """Run podman and return what it says; raises CalledProcessError with it."""
    ended = subprocess.run(["podman", *words], input=given, capture_output=True, check=False)
    assert ended.returncode == 0, f"podman {words[0]}: {ended.stderr.decode()}"
    return ended.stdout.decode()


@pytest.fixture(scope="module")
def server() -> Server:
    return radosgw.server()


@pytest.fixture(scope="module")
def bucket(server: Server) -> str:
    return server.new_bucket()


@pytest.fixture(scope="module")
def ran(
    server: Server, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Run the pod of the Job to its end; yields its name and that of its volume."""
    name = f"codekiln-{uuid.uuid4().hex[:8]}"
    repository = histories.line(tmp_path_factory.mktemp("repository") / "r.git", 12).path
    documents = [settings(name), chart_settings(server), pod(name, server, bucket)]
    file = tmp_path_factory.mktemp("pod") / "pod.yaml"
    file.write_text(yaml.safe_dump_all(documents))
    podman("volume", "create", name)
    try:
        # The volume is filled as an init container of one's own would fill it.
        podman("volume", "import", name, "-", given=packed(repository))
        podman("play", "kube", "--network", "host", str(file))
        podman("wait", f"{name}-train-model")
        yield name, podman("logs", f"{name}-train-model")
    finally:
        podman("pod", "rm", "--force", "--ignore", name)
        # podman keeps a ConfigMap that a pod mounts as a volume of that name
        podman("volume", "rm", "--force", name, f"{name}-settings")


def packed(repository: Path) -> bytes:
    """Return `repository` as a tar archive of files of the containers' user."""

    def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = USER
        return entry

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as made:
        made.add(repository, "repository.git", filter=owned)
    return archive.getvalue()


def settings(name: str) -> Manifest:
    """Return the ConfigMap that kustomize makes of settings.yaml."""
    text = (K8S / "jobs" / "settings.yaml").read_text()
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-settings"},
        "data": {"settings.yaml": text},
    }  # fmt: skip


def chart_settings(server: Server) -> Manifest:
    """Return the chart's ConfigMap for a store at `server`."""
    values = {"kfp": {"mode": "none"}, "s3": {"endpoint": server.endpoint()}}
    return rendered(values, "codekiln").find("ConfigMap", "codekiln-s3")


def pod(name: str, server: Server, bucket: str) -> Manifest:
    """Return the Job's pod, with what Kubernetes and kustomize would put into it."""
    job = yaml.safe_load((K8S / "jobs" / "history.yaml").read_text())
    spec = job["spec"]["template"]["spec"]
    told = {"REPOSITORY": "/work/repository.git", "CHECKPOINTS": f"s3://{bucket}/checkpoints"}
    images = {
        i["name"]: f"{i['newName']}:{i['newTag']}" for i in kustomization(K8S / "jobs")["images"]
    }
    for step in [*spec["initContainers"], *spec["containers"]]:
        step["image"] = images[step["image"]]
        # podman leaves $(NAME) as it is
        step["args"] = [expanded(word, told) for word in step["args"]]
        step["envFrom"] = [e for e in step.get("envFrom", []) if is_of_chart(e)]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    volumes["work"]["persistentVolumeClaim"]["claimName"] = name
    volumes["settings"]["configMap"]["name"] = f"{name}-settings"
    # The keys, which a Secret would hold: podman keeps secrets beyond a pod.
    spec["containers"][0]["env"] += keys(server)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def keys(server: Server) -> list[dict[str, str]]:
    """Return the keys of the store as environment of a container."""
    told = server.environment().items()
    return [{"name": key, "value": value} for key, value in told if "KEY" in key]


def expanded(word: str, told: dict[str, str]) -> str:
    """Put what the environment says into `word`, as the kubelet does."""
    for key, value in told.items():
        word = word.replace(f"$({key})", value)
    return word


def is_of_chart(source: dict[str, Any]) -> bool:
    """Tell whether `source` is the ConfigMap that the chart made for this pod."""
    return bool(source.get("configMapRef", {}).get("name") == "codekiln-s3")


def exported(volume: str) -> dict[str, bytes]:
    """Return the files of a volume."""
    command = ["podman", "volume", "export", volume]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = [entry for entry in archive if entry.isfile()]
        return {
            e.name.removeprefix("./"): (archive.extractfile(e) or io.BytesIO()).read()
            for e in files
        }


def test_the_phases_ran_one_after_the_other_and_left_a_model(ran: tuple[str, str]) -> None:
    files = exported(ran[0])
    folders = ("survey", "commits", "tokens", "plan", "model")
    manifests = [json.loads(files[f"{folder}/manifest.json"]) for folder in folders]
    assert [m["phase"].replace("_", "-") for m in manifests] == PHASES
    assert [m["started"] for m in manifests] == sorted(m["started"] for m in manifests)
    assert "model/model.safetensors" in files


def test_checkpoints_went_to_the_store_that_the_chart_names(
    ran: tuple[str, str], server: Server, bucket: str
) -> None:
    listed = server.client().list_objects_v2(Bucket=bucket, Prefix="checkpoints/")
    assert ran
    assert listed["KeyCount"] > 0


def test_keys_are_in_no_log_and_in_no_file(ran: tuple[str, str]) -> None:
    assert radosgw.SECRET_KEY not in ran[1]
    assert not [n for n, data in exported(ran[0]).items() if radosgw.SECRET_KEY.encode() in data]


def test_the_charts_doctor_looks_at_the_store_from_inside(server: Server, bucket: str) -> None:
    name = f"doctor-{uuid.uuid4().hex[:8]}"
    values = {
        "kfp": {"mode": "none"}, "s3": {"endpoint": server.endpoint(), "bucket": bucket},
        "image": {"registry": container.REGISTRY, "tag": container.TAG},
    }  # fmt: skip
    release = rendered(values, "codekiln")
    asked = release.find("Pod", "codekiln-doctor")
    asked["metadata"] = {"name": name}
    (doctor,) = asked["spec"]["containers"]
    doctor["envFrom"] = [e for e in doctor["envFrom"] if is_of_chart(e)]
    doctor["env"] += keys(server)
    documents = [release.find("ConfigMap", "codekiln-s3"), asked]
    try:
        text = yaml.safe_dump_all(documents).encode()
        podman("play", "kube", "--network", "host", "-", given=text)
        code, told = podman("wait", f"{name}-doctor"), podman("logs", f"{name}-doctor")
    finally:
        podman("pod", "rm", "--force", "--ignore", name)
    assert (code.strip(), "store.multipart" in told) == ("0", True), told
