"""A compiled package as a cluster reads it: containers, what Kubernetes is told, pods, tasks."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp.kubernetes import kubernetes_executor_config_pb2 as kubernetes
from kubeflow_pods import pod_of

from codekiln_pipelines import packages
from codekiln_pipelines.cluster import Cluster


class Package:
    """The package of the pipeline `name` for a cluster, written to `path` and read again."""

    def __init__(self, name: str, place: Cluster, path: Path) -> None:
        packages.compile_into(name, path, place)
        self.place = place
        self.text = path.read_text(encoding="utf-8")
        self.spec = packages.read(path)
        self.platform = packages.read_platform(path)["platforms"]["kubernetes"]

    @property
    def containers(self) -> dict[str, dict[str, Any]]:
        executors = self.spec["deploymentSpec"]["executors"]
        return {name.removeprefix("exec-"): told["container"] for name, told in executors.items()}

    @property
    def configs(self) -> dict[str, Any]:
        """What only Kubernetes understands, by step; a word that is unknown to it is an error."""
        return {
            name.removeprefix("exec-"): json_format.ParseDict(
                told, kubernetes.KubernetesExecutorConfig()
            )
            for name, told in self.platform["deploymentSpec"]["executors"].items()
        }

    def pods(self, **told: object) -> dict[str, Any]:
        """Return the pod of each step, in a run with these parameters."""
        known = packages.parameters_of(self.spec)
        told = {name: kind.get("defaultValue") for name, kind in known.items()} | told
        executors = self.platform["deploymentSpec"]["executors"]
        return {
            name: pod_of(container, executors[f"exec-{name}"], told)
            for name, container in self.containers.items()
        }

    @property
    def groups(self) -> Iterator[dict[str, Any]]:
        parts = [self.spec["root"], *self.spec["components"].values()]
        return (part for part in parts if "dag" in part)

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        found = itertools.chain.from_iterable(g["dag"]["tasks"].items() for g in self.groups)
        groups = ("exit-handler", "for-loop")
        return {name: task for name, task in found if not name.startswith(groups)}
