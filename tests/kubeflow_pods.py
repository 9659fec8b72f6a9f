"""The pod that Kubeflow makes of a step of a package: what its driver does, in Python.

From initPodSpecPatch and extendPodSpecPatch (kubeflow/pipelines, backend/src/v2/driver/driver.go
and k8s.go) and the template they patch (backend/src/v2/compiler/argocompiler/container.go).
"""

import re
from collections.abc import Mapping
from typing import Any

SCRATCH = {
    "kfp-launcher": "/kfp-launcher",
    "gcs-scratch": "/gcs",
    "s3-scratch": "/s3",
    "minio-scratch": "/minio",
    "dot-local-scratch": "/.local",
    "dot-cache-scratch": "/.cache",
    "dot-config-scratch": "/.config",
}
PARAMETER = re.compile(r"\{\{\$\.inputs\.parameters\['pipelinechannel--(.+)'\]\}\}")


def pod_of(container: dict[str, Any], config: dict[str, Any], told: Mapping[str, Any]) -> Any:
    """Return the pod of a step: its container, its Kubernetes config, the run's parameters."""
    mounts = [(m["volumeName"], m["mountPath"], m) for m in config["emptyDirMounts"]]
    volumes = [(name, path, {}) for name, path in SCRATCH.items()] + mounts
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": int(config["activeDeadlineSeconds"]),
        "containers": [
            {
                "name": "main",
                "image": container["image"],
                "imagePullPolicy": config["imagePullPolicy"],
                "command": ["/kfp-launcher/launch"],
                "args": [*container["command"], *container["args"]],
                "env": environment(config),
                "resources": resources(container["resources"], told),
                "volumeMounts": [{"name": name, "mountPath": path} for name, path, _ in volumes],
                "securityContext": {
                    **config["securityContext"],
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            }
        ],
        "volumes": [{"name": name, "emptyDir": empty_dir(mount)} for name, _, mount in volumes],
    }
    if "nodeSelector" in config:
        spec["nodeSelector"] = parameter(config["nodeSelector"]["nodeSelectorJson"], told)
        (toleration,) = config["tolerations"]
        spec["tolerations"] = parameter(toleration["tolerationJson"], told)
    if "imagePullSecret" in config:
        spec["imagePullSecrets"] = [{"name": s["secretName"]} for s in config["imagePullSecret"]]
    labels = config["podMetadata"]["labels"]
    metadata = {"name": "step", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def environment(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the variables of secrets and config maps."""
    return [
        {
            "name": key["envVar"],
            "valueFrom": {
                f"{kind}KeyRef": {
                    "name": source[f"{kind}Name"],
                    "key": key[f"{kind}Key"],
                    "optional": source["optional"],
                }
            },
        }
        for kind in ("secret", "configMap")
        for source in config[f"{kind}AsEnv"]
        for key in source["keyToEnv"]
    ]


def resources(asked: dict[str, Any], told: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return requests and limits; an accelerator is a limit under its own name."""
    limits = {"cpu": asked["resourceCpuLimit"], "memory": asked["resourceMemoryLimit"]}
    requests = {"cpu": asked["resourceCpuRequest"], "memory": asked["resourceMemoryRequest"]}
    accelerator = asked.get("accelerator", {})
    kind, count = (text(accelerator.get(f"resource{key}", ""), told) for key in ("Type", "Count"))
    if kind and count:
        limits[kind] = count
    return {"limits": limits, "requests": requests}


def text(value: str, told: Mapping[str, Any]) -> str:
    """Resolve a placeholder as GetStringValue does: what is no text is an empty one."""
    found = PARAMETER.fullmatch(value)
    if not found:
        return value
    resolved = told[found[1]]
    return resolved if isinstance(resolved, str) else ""


def parameter(source: dict[str, Any], told: Mapping[str, Any]) -> Any:
    """Return the parameter of the run that a setting is given by."""
    return told[source["componentInputParameter"].removeprefix("pipelinechannel--")]


def empty_dir(mount: dict[str, Any]) -> dict[str, str]:
    """Return the source of an emptyDir volume."""
    return {key: mount[key] for key in ("medium", "sizeLimit") if key in mount}
