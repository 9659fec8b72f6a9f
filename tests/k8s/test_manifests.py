"""The objects of k8s/: Kubernetes takes them, pods are locked, and none is in the chart, too."""

import importlib
import re
import shutil
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart import pods
from chart.rendering import MATRIX, combination, rendered
from k8s.manifests import (
    BUILDS,
    K8S,
    ROOT,
    built,
    kubectl,
    kustomization,
    kustomizations,
    resources,
)

from codekiln.core import program, settings
from codekiln_pipelines.cluster import NEEDS

OURS = [path for path in kustomizations() if "kubeflow" not in path.parts]
LISTED = [(file, o) for path in OURS for file, o in resources(path.parent)]
IDS = [f"{Path(file).relative_to(K8S)}" for file, _ in LISTED]

needs_kubectl = pytest.mark.skipif(
    kubectl() is None, reason="no kubectl with kustomize 5 here: files are checked, not their build"
)


@pytest.mark.parametrize("version", ["1.30", "1.36"])
@pytest.mark.parametrize("manifest", [o for _, o in LISTED], ids=IDS)
def test_kubernetes_takes_every_object(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("manifest", [o for _, o in LISTED], ids=IDS)
def test_every_pod_is_locked(manifest: dict[str, Any]) -> None:
    for _, pod in pods.pods_of([manifest]):
        # images of ours get their registry and tag from the kustomization
        assert [f for f in pods.faults(pod) if not re.search(r"image codekiln-\S+ is not", f)] == []


@pytest.mark.parametrize("path", kustomizations(), ids=lambda p: str(p.parent.relative_to(K8S)))
def test_a_kustomization_lists_files_that_are_there(path: Path) -> None:
    document = kustomization(path.parent)
    assert document["kind"] == "Kustomization"
    named = [name for name in document["resources"] if "://" not in name]
    patches = [patch["path"] for patch in document.get("patches", []) if "path" in patch]
    assert [name for name in (*named, *patches) if not (path.parent / name).exists()] == []


def test_every_yaml_file_is_listed_by_some_kustomization_or_read_by_the_script() -> None:
    listed = {str((p.parent / n).resolve()) for p in kustomizations() for n in names(p)}
    files = {str(f) for f in K8S.rglob("*.yaml") if f.name != "kustomization.yaml"}
    rest = {Path(f).relative_to(K8S).as_posix() for f in files - listed}
    script = (K8S / "kind" / "local-cluster").read_text()
    settings_of_jobs = {"jobs/settings.yaml", "collect/settings.yaml"}
    assert rest == {"kind/cluster.yaml", "kind/values.yaml", *settings_of_jobs}
    assert all(Path(name).name in script for name in rest if name.startswith("kind/"))


def names(path: Path) -> list[str]:
    """Return the files that the kustomization `path` names."""
    document = kustomization(path.parent)
    return [
        *document["resources"],
        *[p["path"] for p in document.get("patches", []) if "path" in p],
    ]


JOBS = {"jobs": "codekiln-history", "collect": "codekiln-collect"}
"""Folders whose phases run one after the other in one pod, and the object that does it."""


def pod_of(folder: str) -> dict[str, Any]:
    """Return the pod whose containers are the phases."""
    (job,) = [o for _, o in resources(K8S / folder) if o["metadata"]["name"] == JOBS[folder]]
    ((_, pod),) = pods.pods_of([job])
    return pod


def test_images_of_jobs_are_given_a_registry_and_a_tag() -> None:
    given = {image["name"]: image for name in JOBS for image in kustomization(K8S / name)["images"]}
    used = {
        container["image"]
        for _, manifest in LISTED
        for _, pod in pods.pods_of([manifest])
        for container in pods.containers_of(pod)
        if container["image"].startswith("codekiln-")
    }
    assert used == given.keys()
    assert all(image["newName"] == f"localhost:5000/{name}" for name, image in given.items())
    assert {image["newTag"] for image in given.values()} == {"dev"}


@pytest.mark.parametrize("folder", JOBS)
def test_each_container_of_the_job_has_the_image_of_its_phase(folder: str) -> None:
    for container in pods.containers_of(pod_of(folder)):
        phase = container["command"][2].removeprefix("codekiln.")
        assert container["image"] == f"codekiln-{phase.replace('_', '-')}"


@pytest.mark.parametrize("folder", JOBS)
def test_each_phase_of_the_job_writes_one_folder_and_reads_those_before(folder: str) -> None:
    seen: set[str] = set()
    for container in pods.containers_of(pod_of(folder)):
        used = {word for word in container["args"] if word.startswith("/work/")}
        assert len(used - seen) == 1, container["name"]
        seen |= used


@pytest.mark.parametrize("folder", JOBS)
def test_flags_and_settings_of_the_job_are_those_of_its_phases(folder: str) -> None:
    sections = yaml.safe_load((K8S / folder / "settings.yaml").read_text())
    read: set[str] = set()
    for container in pods.containers_of(pod_of(folder)):
        phase = container["command"][2].removeprefix("codekiln.")
        kind = importlib.import_module(f"codekiln.{phase}.settings").Settings
        told = program.arguments(
            kind, ["--config", yaml.safe_dump(sections), *container["args"][2:]]
        )
        assert told.settings
        read |= {phase, *settings.sections_of(kind)}
    assert sections.keys() <= read


@pytest.mark.parametrize("folder", JOBS)
def test_the_token_of_github_goes_to_the_phases_alone_that_ask_github(folder: str) -> None:
    for container in pods.containers_of(pod_of(folder)):
        named = [one.get("secretRef", {}).get("name") for one in container.get("envFrom", [])]
        phase = container["command"][2].removeprefix("codekiln.")
        assert ("codekiln-github" in named) == NEEDS[phase].github, phase


def test_accounts_that_jobs_run_as_are_those_of_the_chart() -> None:
    accounts = rendered({"kfp": {"mode": "none"}}, "codekiln").names("ServiceAccount")
    for _, manifest in LISTED:
        for _, pod in pods.pods_of([manifest]):
            assert pod["spec"].get("serviceAccountName", "codekiln-runner") in accounts


def test_no_object_stands_in_k8s_and_in_the_chart() -> None:
    releases = map(combination, MATRIX)
    charted = {(o["kind"], o["metadata"]["name"]) for r in releases for o in r.objects}
    # No release goes into the namespace of the S3 server.
    here = {
        (o["kind"], o["metadata"]["name"])
        for file, o in LISTED
        if kustomization(Path(file).parent).get("namespace") != "codekiln-s3"
    }
    assert here
    assert not here & charted


def test_both_s3_servers_are_the_same_versions_as_the_charts() -> None:
    values = yaml.safe_load((ROOT / "helm" / "codekiln" / "values.yaml").read_text())["s3Server"]
    seaweedfs = (K8S / "s3" / "seaweedfs" / "deployment.yaml").read_text()
    minio = (K8S / "s3" / "minio" / "deployment.yaml").read_text()
    assert re.findall(r"image: (\S+)", seaweedfs) == [values["seaweedfsImage"]]
    assert set(re.findall(r"image: (\S+)", minio)) == {values["minioImage"]}


def test_kubeflow_is_one_pinned_version_everywhere() -> None:
    urls = [r for p in kustomizations() for r in kustomization(p.parent)["resources"] if "://" in r]
    assert len(urls) == 2
    assert {re.findall(r"\?ref=([0-9.]+)&", url)[0] for url in urls} == {"2.17.0"}
    assert "kfp>=2.17,<2.18" in (ROOT / "pyproject.toml").read_text()


def test_the_launcher_config_of_kubeflow_gives_way_to_the_charts() -> None:
    patches = [p["patch"] for p in kustomization(K8S / "kubeflow" / "pipelines")["patches"]]
    gone = [o for o in map(yaml.safe_load, patches) if o.get("$patch") == "delete"]
    assert [(o["kind"], o["metadata"]["name"]) for o in gone] == [("ConfigMap", "kfp-launcher")]
    assert gone[0]["metadata"]["name"] in rendered().names("ConfigMap")


def test_runs_from_kubeflows_page_run_as_the_charts_account() -> None:
    patches = [p["patch"] for p in kustomization(K8S / "kubeflow" / "pipelines")["patches"]]
    (server,) = [o for o in map(yaml.safe_load, patches) if o["kind"] == "Deployment"]
    (told,) = server["spec"]["template"]["spec"]["containers"][0]["env"]
    assert told["name"] == "DEFAULTPIPELINERUNNERSERVICEACCOUNT"
    assert told["value"] in rendered().names("ServiceAccount")


@pytest.mark.parametrize("path", ["namespace/namespace.yaml", "s3/seaweedfs/namespace.yaml"])
def test_our_namespaces_enforce_the_restricted_standard(path: str) -> None:
    namespace = yaml.safe_load((K8S / path).read_text())
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_key_stands_in_any_file() -> None:
    for _, manifest in LISTED:
        assert manifest["kind"] != "Secret"
    assert not [p for p in kustomizations() if "secretGenerator" in kustomization(p.parent)]


@needs_kubectl
@pytest.mark.parametrize("folder", BUILDS)
def test_what_kustomize_builds_is_valid_locked_and_pinned(folder: str) -> None:
    objects = built(folder)
    for manifest in objects:
        kubernetes_validate.validate(manifest, "1.36", strict=True)
    assert {name: pods.faults(pod) for name, pod in pods.pods_of(objects)} == {
        name: [] for name, _ in pods.pods_of(objects)
    }


@needs_kubectl
def test_minio_takes_the_place_of_seaweedfs_in_the_same_objects() -> None:
    one, other = built("s3/seaweedfs"), built("s3/minio")
    assert [o["metadata"]["name"] for o in one] == [o["metadata"]["name"] for o in other]
    (pod,) = [pod for _, pod in pods.pods_of(other)]
    assert all("minio" in c["image"] for c in pods.containers_of(pod))
    assert [e["name"] for e in pod["spec"]["containers"][0]["env"]] == [
        "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "HOME"
    ]  # fmt: skip


@needs_kubectl
def test_the_overlay_of_the_readme_builds_on_its_repository_and_image(tmp_path: Path) -> None:
    shutil.copytree(K8S / "jobs", tmp_path / "jobs")
    (example,) = re.findall(r"```yaml\n(.*?)```", (K8S / "README.md").read_text(), re.DOTALL)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text(example)
    text = str(built(str(tmp_path / "mine")))
    assert "'REPOSITORY': 'https://HOST/REPOSITORY.git'" in text
    assert "s3://codekiln/jobs/checkpoints" in text
    assert "REGISTRY/codekiln-mine-commits:v1" in text
