"""What stands in k8s/, read file by file; kustomize itself is asked where kubectl is here."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
BUILDS = ("namespace", "s3/seaweedfs", "s3/minio", "jobs", "collect")
"""What kustomize can build without a network."""

Manifest = dict[str, Any]


def kustomizations() -> list[Path]:
    """Return every kustomization."""
    return sorted(K8S.rglob("kustomization.yaml"))


def resources(folder: Path) -> Iterator[tuple[str, Manifest]]:
    """Yield the file and the objects that the kustomization in `folder` lists."""
    for name in kustomization(folder)["resources"]:
        path = folder / name
        if path.is_file():
            yield from ((str(path), o) for o in yaml.safe_load_all(path.read_text()) if o)


def kustomization(folder: Path) -> Manifest:
    """Return the kustomization in `folder`."""
    return dict(yaml.safe_load((folder / "kustomization.yaml").read_text()))


def kubectl() -> str | None:
    """Return the kubectl of this machine, if it is new enough for these files."""
    found = shutil.which("kubectl")
    if found is None:
        return None
    told = subprocess.run(
        [found, "version", "--client"], capture_output=True, text=True, check=False
    )
    version = next((w for w in told.stdout.split("Kustomize Version: v")[1:]), "0")
    return found if int(version.split(".")[0]) >= 5 else None


def built(folder: str) -> list[Manifest]:
    """Return the objects that kustomize builds from `folder` of k8s/."""
    command = [kubectl() or "kubectl", "kustomize", str(K8S / folder)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [o for o in yaml.safe_load_all(text) if o]
