"""Pods, wherever they stand in a manifest, and what must be true of each."""

from collections.abc import Iterable, Iterator
from typing import Any

Manifest = dict[str, Any]
Pod = dict[str, Any]
"""A pod: its metadata and its spec."""

USER = 65532


def pods_of(objects: Iterable[Manifest]) -> Iterator[tuple[str, Pod]]:
    """Yield the name of each object that makes pods, with its pod."""
    for found in objects:
        spec = found.get("spec", {})
        name = f"{found['kind']}/{found['metadata']['name']}"
        if found["kind"] == "Pod":
            yield name, found
        elif found["kind"] == "CronJob":
            yield name, spec["jobTemplate"]["spec"]["template"]
        elif "template" in spec:
            yield name, spec["template"]


def containers_of(pod: Pod) -> Iterator[dict[str, Any]]:
    """Yield the containers of `pod`, those that run first and those beside the others too."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod["spec"].get(kind, [])


def faults(pod: Pod) -> list[str]:
    """Say what of `pod` the house does not allow."""
    spec, found = pod["spec"], []
    security = spec.get("securityContext", {})
    wanted = {"runAsNonRoot": True, "runAsUser": USER, "seccompProfile": {"type": "RuntimeDefault"}}
    found += [f"{key} is {security.get(key)}" for key in wanted if security.get(key) != wanted[key]]
    found += [key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    found += [
        f"volume {v['name']} is of the host" for v in spec.get("volumes", []) if "hostPath" in v
    ]
    if "automountServiceAccountToken" not in spec:
        found.append("does not say whether it wants a token of the Kubernetes API")
    if not any("emptyDir" in volume for volume in spec.get("volumes", [])):
        found.append("has nothing to write to")
    for container in containers_of(pod):
        found += [f"{container['name']}: {fault}" for fault in _faults_of(container)]
    return found


def _faults_of(container: dict[str, Any]) -> Iterator[str]:
    locked = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    if container.get("securityContext") != locked:
        yield f"securityContext is {container.get('securityContext')}"
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
        yield "asks for no CPU or no memory"
    if "memory" not in resources.get("limits", {}):
        yield "has no limit of memory"
    if not container.get("command"):
        yield "leaves the command to the image"
    if not pinned(container["image"]):
        yield f"image {container['image']} is not pinned"


def pinned(image: str) -> bool:
    """Tell whether `image` names a version, by a tag that does not move or by a digest."""
    name = image.rpartition("/")[2]
    return "@sha256:" in name or (":" in name and not name.endswith(":latest"))
