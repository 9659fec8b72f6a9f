"""The chart as Helm renders it, as objects."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

CHART = Path(__file__).parents[2] / "helm" / "codekiln"
RELEASE = "demo"

Manifest = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Rendered:
    """What one release would install, and what it would tell its user."""

    objects: list[Manifest]
    notes: str

    def find(self, kind: str, name: str) -> Manifest:
        """Return the one object of that kind and name."""
        (found,) = [o for o in self.objects if (o["kind"], o["metadata"]["name"]) == (kind, name)]
        return found

    def names(self, kind: str) -> set[str]:
        """Return the names of all objects of `kind`."""
        return {o["metadata"]["name"] for o in self.objects if o["kind"] == kind}


def rendered(
    values: Mapping[str, Any] | None = None, namespace: str = "kubeflow", name: str = RELEASE
) -> Rendered:
    """Render the chart with `values`; raises HelmValuesError and HelmRenderError as Helm does."""
    # Loaded anew: the library keeps what a render did to a chart.
    with helm.Chart.load(CHART) as chart:
        files = chart.render(dict(values or {}), name=name, namespace=namespace)
    notes = files.pop("codekiln/templates/NOTES.txt")
    objects = [o for text in files.values() for o in yaml.safe_load_all(text) if o]
    return Rendered(objects, notes)


KEYS = {"credentials": {"accessKeyId": "planted-id", "secretAccessKey": "planted-key"}}
JOB = {
    "name": "nightly",
    "schedule": "0 3 * * *",
    "resources": {
        "requests": {"cpu": "200m", "memory": "512Mi", "ephemeral-storage": "1Gi"},
        "limits": {"memory": "1Gi", "ephemeral-storage": "2Gi"},
    },
}

MATRIX: dict[str, dict[str, Any]] = {
    "defaults": {},
    "keys from values": {
        "s3": KEYS,
        "github": {"token": "planted-token"},
        "masking": {"key": "planted-mask"},
    },
    "cloud identity": {
        "s3": {"credentials": {"from": "identity"}, "forcePathStyle": False},
        "runner": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/codekiln"}},
        "networkPolicy": {
            "s3": {"cidrs": ["0.0.0.0/0"]},
            "egress": [{"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}]}],
        },
    },
    "seaweedfs": {"s3Server": {"enabled": True, "storageClass": "standard"}, "s3": KEYS},
    "minio": {"s3Server": {"enabled": True, "kind": "minio"}, "s3": KEYS},
    "a profile of multi-user KFP": {
        "kfp": {"mode": "multi-user"},
        "runner": {"claims": True, "extraSecrets": ["mlpipeline-minio-artifact"]},
        "cronJobs": [{**JOB, "args": ["submit", "history"]}],
    },
    "no KFP": {"kfp": {"mode": "none"}, "cronJobs": [{**JOB, "phase": "survey_history"}]},
    "stores by prefix": {
        "s3": {"endpoint": "https://s3.example"},
        "launcher": {
            "overrides": [
                {"bucketName": "a-bucket", "keyPrefix": "x", "secretName": "other-keys"},
                {"bucketName": "b-bucket", "endpoint": "http://store:9000", "region": "eu"},
            ]
        },
    },
    "own launcher config": {"launcher": {"create": False}},
    "everything of the cluster": {
        "doctor": {"clusterRead": True, "args": ["--json"]},
        "priorityClasses": {"create": True},
        "kueue": {"enabled": True, "priorityClasses": True},
        "quota": {"enabled": True},
        "limitRange": {"enabled": True},
        "image": {"tag": "v1", "pullSecrets": ["login"], "pullPolicy": "Always"},
        "networkPolicy": {"git": {"enabled": True, "podLabels": {"a": "b"}}},
        "cronJobs": [
            {**JOB, "phase": "mine_commits", "args": ["--repository", "https://host/r"]},
            {**JOB, "name": "other", "args": ["submit"], "image": "host/image:1", "suspend": True,
             "nodeSelector": {"pool": "cpu"}, "tolerations": [{"operator": "Exists"}],
             "priorityClassName": "codekiln-collection", "timeZone": "Europe/Zurich"},
        ],
    },
    "no network rules": {"networkPolicy": {"enabled": False}},
}  # fmt: skip
"""Values that between them turn every template on and off."""


@functools.cache
def combination(name: str) -> Rendered:
    """Return the release with the values called `name`, rendered once; nobody changes it."""
    return rendered(MATRIX[name], "codekiln" if name == "no KFP" else "kubeflow")
