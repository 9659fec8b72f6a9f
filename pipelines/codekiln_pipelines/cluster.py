"""Where steps run on a cluster, and what each of them needs: the only place with facts of nodes.

A step's own container says nothing of this (see codekiln.core.container); it is laid on the tasks
of a pipeline while that is compiled (see codekiln_pipelines.placing). A run without a cluster does
not look at it, except at limits.
"""

import dataclasses
import json
import re
from collections.abc import Mapping

from codekiln.core.errors import InputError
from codekiln.core.flags import flag
from codekiln.core.settings import unknown_key

HOUR_S = 3600

LABELS = {"app.kubernetes.io/part-of": "codekiln"}
"""What the network policies of the chart know our pods by."""
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
PRIORITY_LABEL = "kueue.x-k8s.io/priority-class"

S3_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
S3_SETTINGS = ("AWS_ENDPOINT_URL", "AWS_REGION")
"""Keys of the Secret and of the ConfigMap, which are the names of the variables too."""

GITHUB_SECRETS = (
    "GITHUB_TOKEN",
    "GITHUB_APP_ID",
    "GITHUB_APP_INSTALLATION_ID",
    "GITHUB_APP_PRIVATE_KEY",
)
GITHUB_SETTINGS = ("GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_SERVER_URL")
"""Keys of the Secret of GitHub: who asks, and where, if not github.com."""

MASKING_KEY = "CODEKILN_MASKING_KEY"
"""What placeholders of secrets are drawn from: a key of a Secret of its own."""

PULL_POLICIES = ("IfNotPresent", "Always", "Never")
GPU_TYPES = (
    "nvidia.com/gpu",
    "nvidia.com/gpu.shared",
    "nvidia.com/mig-1g.10gb",
    "nvidia.com/mig-2g.20gb",
    "nvidia.com/mig-3g.40gb",
    "nvidia.com/mig-7g.80gb",
)
"""What NVIDIA's device plugin calls a GPU, one that is shared by time, and its slices."""
GPU_COUNTS = ("0", "1")
"""The engine trains on one GPU: a second would stand idle."""
PARAMETERS = ("gpu_type", "gpu_count", "gpu_node_selector", "gpu_tolerations")
"""Parameters of every pipeline that has a step for GPUs, and of its packages for pools of GPUs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Needs:
    """What a step asks for, and what it may take at most."""

    cpu: str
    most_cpu: str
    memory: str
    most_memory: str
    storage_gib: int
    """Disk for all that the pod writes: inputs fetched, outputs, /tmp."""
    timeout_s: int
    """Of one attempt, from the start of its pod; time in a queue does not count."""
    retries: int = 2
    backoff_s: int = 30
    """Wait before the first retry; doubled before each that follows."""
    shm: str = ""
    """Shared memory for the workers of a data loader; counts as memory."""
    cached: bool = True
    """Whether an earlier run's outputs may stand for this step's, if a user asks for the cache."""
    github: bool = False
    """Whether it talks to GitHub: it alone has the token."""
    masking: bool = False
    """Whether it masks secrets: it alone has the key."""
    disk: bool = False
    """Whether its scratch files are too many for memory: on this machine /tmp of a container is."""


NEEDS: Mapping[str, Needs] = {
    # Requests are small, so that a cluster on a laptop can give them; limits are what a step can
    # make use of on the histories of large projects.
    "survey_history": Needs(
        cpu="250m", most_cpu="4", memory="512Mi", most_memory="4Gi",
        storage_gib=20, timeout_s=HOUR_S, backoff_s=60,
    ),
    "mine_commits": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="16Gi",
        storage_gib=20, timeout_s=12 * HOUR_S, backoff_s=60,
    ),
    "tokenize": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="16Gi",
        storage_gib=20, timeout_s=6 * HOUR_S,
    ),
    "plan_training": Needs(
        cpu="250m", most_cpu="1", memory="256Mi", most_memory="2Gi",
        storage_gib=10, timeout_s=HOUR_S // 2,
    ),
    # 200 messages a second on two cores: a GPU would wait longer for its pod than it saves.
    "embed_commits": Needs(
        cpu="500m", most_cpu="8", memory="2Gi", most_memory="8Gi",
        storage_gib=10, timeout_s=12 * HOUR_S,
    ),
    "train_model": Needs(
        cpu="500m", most_cpu="16", memory="2Gi", most_memory="32Gi",
        storage_gib=20, timeout_s=72 * HOUR_S, retries=3, backoff_s=60, shm="2Gi",
    ),
    # What GitHub says changes by the hour; and what is in the data set already, no run stands for.
    "discover_repos": Needs(
        cpu="250m", most_cpu="1", memory="256Mi", most_memory="2Gi",
        storage_gib=10, timeout_s=2 * HOUR_S, backoff_s=60, cached=False, github=True,
    ),
    # 1.5 million pull requests are half a day of one token; most of the memory is git's.
    "collect_pulls": Needs(
        cpu="500m", most_cpu="4", memory="1Gi", most_memory="8Gi",
        storage_gib=40, timeout_s=48 * HOUR_S, backoff_s=60, cached=False, github=True, disk=True,
    ),
    "reconcile_pulls": Needs(
        cpu="250m", most_cpu="2", memory="512Mi", most_memory="4Gi",
        storage_gib=10, timeout_s=2 * HOUR_S, cached=False,
    ),
    # What is new is read from the data sets, and what is made is written there: none is cached.
    "snapshot_pulls": Needs(
        cpu="250m", most_cpu="1", memory="256Mi", most_memory="2Gi",
        storage_gib=10, timeout_s=HOUR_S, cached=False,
    ),
    "build_examples": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="8Gi",
        storage_gib=20, timeout_s=12 * HOUR_S, cached=False,
    ),
    "gather_examples": Needs(
        cpu="250m", most_cpu="1", memory="256Mi", most_memory="2Gi",
        storage_gib=10, timeout_s=HOUR_S, cached=False,
    ),
    "clean_corpus": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="16Gi",
        storage_gib=40, timeout_s=12 * HOUR_S, cached=False, masking=True, disk=True,
    ),
    "train_tokenizer": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="16Gi",
        storage_gib=20, timeout_s=6 * HOUR_S,
    ),
    # Four billion tokens are 12 GB with their sections.
    "pack_examples": Needs(
        cpu="500m", most_cpu="8", memory="1Gi", most_memory="16Gi",
        storage_gib=60, timeout_s=12 * HOUR_S, cached=False, disk=True,
    ),
    "describe_corpus": Needs(
        cpu="250m", most_cpu="2", memory="512Mi", most_memory="4Gi",
        storage_gib=20, timeout_s=2 * HOUR_S,
    ),
    # The report is of this run and no other.
    "report": Needs(
        cpu="250m", most_cpu="2", memory="512Mi", most_memory="4Gi",
        storage_gib=10, timeout_s=HOUR_S, retries=3, cached=False,
    ),
}  # fmt: skip
"""What each phase needs on nodes without GPUs."""


def on_gpu(needs: Needs) -> Needs:
    """Return what a step needs on one GPU: about an eighth of a node that has eight."""
    return dataclasses.replace(
        needs, cpu="6", most_cpu="12", memory="32Gi", most_memory="96Gi", shm="8Gi"
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pool:
    """A kind of nodes for training: the defaults of the parameters in PARAMETERS."""

    gpu_type: str = GPU_TYPES[0]
    gpu_count: str = "0"
    """A text: Kubeflow's driver takes a parameter that is a number for no GPU at all."""
    gpu_node_selector: dict[str, str] = dataclasses.field(default_factory=dict)
    gpu_tolerations: list[dict[str, str]] = dataclasses.field(default_factory=list)

    @property
    def variant(self) -> str:
        """Return which image of a step for GPUs runs here (see codekiln.core.container.image)."""
        return "" if self.gpu_count == "0" else "cuda"


def _nvidia(product: str) -> Pool:
    """Describe the nodes that NVIDIA's GPU feature discovery labels with `product`."""
    return Pool(
        gpu_count="1",
        gpu_node_selector={"nvidia.com/gpu.product": product},
        gpu_tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    )


POOLS: Mapping[str, Pool] = {
    "cpu": Pool(),
    "a100": _nvidia("NVIDIA-A100-SXM4-80GB"),
    "h100": _nvidia("NVIDIA-H100-80GB-HBM3"),
}
"""Pools by name; that of a cluster with other nodes is chosen by parameters."""


def pool_of(name: str) -> Pool:
    """Return the pool `name`; raises InputError if there is none."""
    if name not in POOLS:
        raise InputError(unknown_key(name, list(POOLS)).replace("setting", "pool"))
    return POOLS[name]


def pool_arguments(name: str) -> dict[str, str]:
    """Return PARAMETERS as `name` sets them, for a package that has them; raises InputError."""
    pool = pool_of(name)
    return {
        "gpu_type": pool.gpu_type,
        "gpu_count": pool.gpu_count,
        "gpu_node_selector": json.dumps(pool.gpu_node_selector),
        "gpu_tolerations": json.dumps(pool.gpu_tolerations),
    }


NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
"""What Kubernetes calls objects."""
LONGEST_NAME = 253
LONGEST_LABEL = 63
"""Of a name that pods carry as a label, too."""


def refuse_name(told: str, name: str, longest: int = LONGEST_NAME) -> None:
    """Raise InputError unless Kubernetes may have an object called `name`; `told` names the flag.

    Only a pod would find it out, long after the package was sent.
    """
    if len(name) > longest or not NAME.fullmatch(name):
        raise InputError(
            f"{told} is {name!r}, no name that Kubernetes takes: "
            f"use up to {longest} of a-z 0-9 - . with a letter or digit at both ends"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cluster:
    """What a package must know of its cluster when it is compiled."""

    pool: str = "cpu"
    registry: str = ""
    """Where the images are; empty: where codekiln.core.container says."""
    tag: str = ""
    queue: str = ""
    """Kueue's LocalQueue; empty: none."""
    priority: str = ""
    """Kueue's WorkloadPriorityClass."""
    s3_secret: str = "codekiln-s3"  # noqa: S105 -- a name
    s3_config: str = "codekiln-s3"
    github_secret: str = "codekiln-github"  # noqa: S105 -- a name
    masking_secret: str = "codekiln-masking"  # noqa: S105 -- a name
    image_pull_secret: str = ""
    image_pull_policy: str = PULL_POLICIES[0]
    cache: bool = False
    storage: bool = True
    """Whether steps ask for ephemeral storage, which a ClusterQueue of Kueue must then cover."""

    def __post_init__(self) -> None:
        """Raise InputError for what no cluster can do."""
        pool_of(self.pool)
        if self.image_pull_policy not in PULL_POLICIES:
            known = ", ".join(PULL_POLICIES)
            raise InputError(
                f"image_pull_policy is {self.image_pull_policy!r}; it must be one of {known}"
            )
        if self.priority and not self.queue:
            raise InputError("a priority is Kueue's: give --queue with --priority")
        for name in ("s3_secret", "s3_config", "github_secret", "masking_secret"):
            refuse_name(flag(name), getattr(self, name))
        for name, longest in (
            ("queue", LONGEST_LABEL), ("priority", LONGEST_LABEL),
            ("image_pull_secret", LONGEST_NAME),
        ):  # fmt: skip
            if getattr(self, name):
                refuse_name(flag(name), getattr(self, name), longest)

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of every pod."""
        kueue = {QUEUE_LABEL: self.queue, PRIORITY_LABEL: self.priority}
        return {**LABELS, **{key: value for key, value in kueue.items() if value}}
