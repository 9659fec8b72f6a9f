"""Objects of Kubernetes as its API server tells them, and a namespace as our chart fills it."""

import base64
from collections.abc import Mapping
from typing import Any

from kubernetes_server import Cluster, Document

from codekiln_pipelines.doctor.needs import Need

NAMESPACE = "team"
A100 = "NVIDIA-A100-SXM4-80GB"


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


PROVIDERS = """
s3:
  default:
    endpoint: s3.example:9000
    region: us-east-1
    credentials:
      fromEnv: false
      secretRef:
        secretName: codekiln-s3
        accessKeyKey: AWS_ACCESS_KEY_ID
        secretKeyKey: AWS_SECRET_ACCESS_KEY
"""


def named(name: str, namespace: str | None = None, **fields: Any) -> Document:
    """Return an object with `fields`."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"metadata": metadata, **fields}


def node(
    name: str,
    labels: Mapping[str, str] | None = None,
    taints: list[Document] | None = None,
    *,
    cordoned: bool = False,
    ready: bool = True,
    **allocatable: str,
) -> Document:
    """Return a node with 16 cores and 64 GiB, unless `allocatable` says otherwise."""
    there = {"cpu": "15890m", "memory": "64Gi", "ephemeral-storage": "200Gi", "pods": "110"}
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    told = named(name)
    told["metadata"]["labels"] = dict(labels or {})
    return {
        **told,
        "spec": {"taints": taints or [], **({"unschedulable": True} if cordoned else {})},
        "status": {
            "allocatable": {**there, **{k.replace("_", "-"): v for k, v in allocatable.items()}},
            "conditions": [condition],
        },
    }


GPU_TAINT: Document = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}


def gpu_node(name: str, product: str, gpus: int = 8, driver: str = "580.65.06") -> Document:
    """Return a node as NVIDIA's GPU operator labels it, with the taint that keeps others off."""
    major, minor, rev = driver.split(".")
    labels = {
        "nvidia.com/gpu.product": product,
        "nvidia.com/cuda.driver.major": major,
        "nvidia.com/cuda.driver.minor": minor,
        "nvidia.com/cuda.driver.rev": rev,
    }
    found = node(name, labels, [GPU_TAINT], cpu="95", memory="1000Gi")
    found["status"]["allocatable"]["nvidia.com/gpu"] = str(gpus)
    return found


def furnish(cluster: Cluster) -> None:
    cluster.put("namespaces", named(NAMESPACE, status={"phase": "Active"}))
    cluster.put("serviceaccounts", named("codekiln-runner", NAMESPACE))
    keys = {"AWS_ACCESS_KEY_ID": encoded("key"), "AWS_SECRET_ACCESS_KEY": encoded("planted-7d1e")}
    cluster.put("secrets", named("codekiln-s3", NAMESPACE, data=keys))
    settings = {"AWS_ENDPOINT_URL": "https://s3.example:9000", "AWS_REGION": "us-east-1"}
    cluster.put("configmaps", named("codekiln-s3", NAMESPACE, data=settings))
    launcher = {"defaultPipelineRoot": "s3://bucket/runs", "providers": PROVIDERS}
    cluster.put("configmaps", named("kfp-launcher", NAMESPACE, data=launcher))
    cluster.put("nodes", node("cpu-1"))
    cluster.put("nodes", gpu_node("gpu-1", A100))
    standard = named("standard", provisioner="x")
    standard["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    cluster.put("storageclasses", standard)
    for name in ("codekiln-training", "codekiln-collection"):
        cluster.put("priorityclasses", named(name, value=1))


def need(step: str = "mine-commits", gpus: int = 0, **requests: str) -> Need:
    asked = {**requests, **({"nvidia.com/gpu": str(gpus)} if gpus else {})}
    return Need(pipeline="history", step=step, image="i", requests=asked, limits=asked)
