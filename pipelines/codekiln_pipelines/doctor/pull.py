"""Whether nodes can pull our images: a pod that says its version and is removed again."""

import contextlib
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from codekiln_pipelines.doctor.finding import Check, Finding, fail, ok, warn
from codekiln_pipelines.doctor.kube import AbsentError, Kube, Right, checked
from codekiln_pipelines.doctor.objects import RUNNER

LIMIT_S = 180.0
EVERY_S = 1.0
LOST = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
"""States of a container that no waiting mends."""
REMEDIES = {
    r"unauthorized|denied|forbidden|40[13]": "make a Secret of type docker-registry and name it in "
    "image.pullSecrets of the chart",
    r"HTTP response to HTTPS": "tell the nodes' container runtime that this registry is plain HTTP",
    r"certificate|x509": "let the nodes' container runtime trust the registry's certificate",
    r"no such host|dial tcp|timeout|refused": "nodes cannot reach the registry: name one that they "
    "can in image.registry of the chart and CODEKILN_REGISTRY, or load images into the nodes",
    r"not found|manifest unknown": "push the images to the registry; compile and install with the "
    "same CODEKILN_REGISTRY and CODEKILN_TAG",
    r"never": "load the image into the nodes, or set image.pullPolicy to IfNotPresent",
}
"""By what the kubelet says."""


def check(kube: Kube, image: str, clock: Callable[[], float] = time.monotonic) -> Check:
    """Return the check that a node pulls `image` and runs it."""
    found = checked("cluster.pull", lambda: look(kube, image, clock))
    return Check(name=found.name, look=found.look, limit_s=LIMIT_S + 20, remedy=found.remedy)


def image_of_tools() -> str:
    """Return the name of the image that holds this program."""
    # kfp takes a second to import, and stands under this module.
    from codekiln.core import container

    return f"{container.REGISTRY}/codekiln-cli:{container.TAG}"


def look(kube: Kube, image: str, clock: Callable[[], float]) -> Finding:
    """Make the pod, follow it to its end, and remove it whatever came."""
    name = f"codekiln-doctor-pull-{secrets.token_hex(3)}"
    core = kube.of("CoreV1Api")
    began = clock()
    right = Right(verb="create", resource="pods", namespace=kube.namespace)
    kube.ask(right, core.create_namespaced_pod, kube.namespace, pod(name, image))
    try:
        return followed(kube, name, image, began, clock)
    finally:
        right = Right(verb="delete", resource="pods", namespace=kube.namespace)
        with contextlib.suppress(AbsentError):
            kube.ask(
                right, core.delete_namespaced_pod, name, kube.namespace, grace_period_seconds=0
            )


def pod(name: str, image: str) -> dict[str, Any]:
    """Return the pod as the API takes it: as restricted as any of ours, and ends by itself."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "codekiln"}},
        "spec": {
            "serviceAccountName": RUNNER,
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": int(LIMIT_S),
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "runAsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "version",
                    "image": image,
                    "command": ["codekiln", "--version"],
                    "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 -- as in every pod
                    "resources": {
                        "requests": {"cpu": "50m", "memory": "128Mi"},
                        "limits": {"cpu": "1", "memory": "512Mi"},
                    },
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


def followed(
    kube: Kube, name: str, image: str, began: float, clock: Callable[[], float]
) -> Finding:
    """Look at the pod until it is decided."""
    right = Right(verb="get", resource="pods", namespace=kube.namespace)
    read = kube.of("CoreV1Api").read_namespaced_pod
    while True:
        status = kube.ask(right, read, name, kube.namespace).status
        took = clock() - began
        if found := judged(status, image, took):
            return found
        if took > LIMIT_S:
            return fail(
                f"no node ran {image} in {took:.0f} s: {waiting_for(status)}",
                f"kubectl describe nodes, and kubectl get events --namespace {kube.namespace}",
            )
        time.sleep(EVERY_S)


def judged(status: Any, image: str, took_s: float) -> Finding | None:
    """Judge the state of the pod, None while it is not decided."""
    if status.phase == "Succeeded":
        return ok(f"a node pulled {image} and ran it, {took_s:.0f} s")
    states = [told.state for told in status.container_statuses or []]
    for state in states:
        if state.waiting and state.waiting.reason in LOST:
            said = " ".join((state.waiting.message or "").split())
            return fail(f"{state.waiting.reason}: {said or image}", remedy_for(said))
    if status.phase == "Failed":
        code = next((state.terminated.exit_code for state in states if state.terminated), None)
        if code is None:
            return fail(
                f"the pod failed: {status.message or status.reason}", "kubectl describe node"
            )
        return warn(
            f"a node pulled {image}, but codekiln --version ended with exit code {code}",
            "compare the image with this program: build it anew with make images",
        )
    return None


def waiting_for(status: Any) -> str:
    """Say what an undecided pod waits for."""
    waiting = [t.state.waiting for t in status.container_statuses or [] if t.state.waiting]
    conditions = [c for c in status.conditions or [] if c.status == "False" and c.message]
    if conditions:
        return str(conditions[0].message)
    return str(waiting[0].reason if waiting else status.phase)


def remedy_for(said: str) -> str:
    """Return what to do about what the kubelet said."""
    for pattern, remedy in REMEDIES.items():
        if re.search(pattern, said, re.IGNORECASE):
            return remedy
    return "look at image.registry and image.tag of the chart, CODEKILN_REGISTRY and CODEKILN_TAG"
