"""Lays on the tasks of a pipeline, while it is compiled, where they run and what they need.

What Kubeflow makes of each setting is told in docs/decisions/011-placement.md.
"""

import functools
import re
from typing import Any

from kfp import dsl, kubernetes

from codekiln.core.errors import InputError
from codekiln_pipelines.cluster import (
    GITHUB_SECRETS,
    GITHUB_SETTINGS,
    MASKING_KEY,
    NEEDS,
    S3_SECRETS,
    S3_SETTINGS,
    Cluster,
    Needs,
    on_gpu,
    pool_of,
)

GIB = 1 << 30
IMAGE = re.compile(
    r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+"
    r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
)
"""A registry, a path, a tag, as container engines read them (github.com/distribution/reference)."""
RETRIED_FOR = "2592000s"
"""30 days: Argo retries no longer than this after the first attempt began, time in a queue and at
work included, and ends a later attempt then. Kubeflow's default, an hour, ends long steps."""


class Placing:
    """Lays the facts of one cluster on the tasks of a pipeline."""

    def __init__(self, cluster: Cluster) -> None:
        """Place on `cluster`."""
        self.cluster = cluster
        self.pool = pool_of(cluster.pool)

    def on_cpu(self, task: dsl.PipelineTask) -> dsl.PipelineTask:
        """Place `task` on any node; returns it."""
        return self._placed(task, NEEDS[phase_of(task)])

    def on_gpu(self, task: dsl.PipelineTask, **gpu: Any) -> dsl.PipelineTask:
        """Place `task` where the parameters `gpu`, those of PARAMETERS, say; returns it.

        In a pool without GPUs it is placed as any other.
        """
        needs = NEEDS[phase_of(task)]
        if not self.pool.variant:
            return self._placed(task, needs)
        self._placed(task, on_gpu(needs), self.pool.variant)
        # Inside an exit handler kfp 2.17 forgets to pass on what only these two read.
        task.register_pipeline_channels([gpu["gpu_type"], gpu["gpu_count"]])
        task.set_accelerator_type(gpu["gpu_type"])
        task.set_accelerator_limit(gpu["gpu_count"])
        kubernetes.add_node_selector_json(task, gpu["gpu_node_selector"])
        kubernetes.add_toleration_json(task, gpu["gpu_tolerations"])
        return task

    def _placed(self, task: dsl.PipelineTask, needs: Needs, variant: str = "") -> dsl.PipelineTask:
        task.set_container_image(self.image_of(task, variant))
        task.set_caching_options(self.cluster.cache and needs.cached)
        _limit(task, needs)
        if self.cluster.storage:
            _ask_for_storage(task, needs)
        _secure(task, needs)
        self._connect(task, needs)
        return task

    def image_of(self, task: dsl.PipelineTask, variant: str) -> str:
        """Name the image of `task` in the registry of the cluster."""
        registry, _, image = task.container_spec.image.rpartition("/")
        name, _, tag = image.rpartition(":")
        tags = [self.cluster.tag or tag, variant]
        found = f"{self.cluster.registry or registry}/{name}:{'-'.join(filter(None, tags))}"
        if not IMAGE.fullmatch(found):
            raise InputError(
                f"{found!r} is no name of an image: give --registry HOST/PATH, the path in lower "
                "case and no https:// before it, and a --tag of letters, digits, . _ and -"
            )
        return found

    def _connect(self, task: dsl.PipelineTask, needs: Needs) -> None:
        """Give `task` its labels, its access to S3, to GitHub, and to the registry."""
        cluster = self.cluster
        for key, value in cluster.labels.items():
            kubernetes.add_pod_label(task, key, value)
        # Optional: with an identity of the workload there is neither.
        secrets, settings = ({name: name for name in names} for names in (S3_SECRETS, S3_SETTINGS))
        kubernetes.use_secret_as_env(task, cluster.s3_secret, secrets, optional=True)
        kubernetes.use_config_map_as_env(task, cluster.s3_config, settings, optional=True)
        if needs.github:
            told = {name: name for name in (*GITHUB_SECRETS, *GITHUB_SETTINGS)}
            kubernetes.use_secret_as_env(task, cluster.github_secret, told, optional=True)
        if needs.masking:
            told = {MASKING_KEY: MASKING_KEY}
            kubernetes.use_secret_as_env(task, cluster.masking_secret, told, optional=True)
        kubernetes.set_image_pull_policy(task, cluster.image_pull_policy)
        if cluster.image_pull_secret:
            kubernetes.set_image_pull_secrets(task, [cluster.image_pull_secret])


def phase_of(task: dsl.PipelineTask) -> str:
    """Return the phase that `task` runs."""
    return str(task.component_spec.name).replace("-", "_")


def _limit(task: dsl.PipelineTask, needs: Needs) -> None:
    """Bound what `task` takes: cores, memory, time, attempts."""
    task.set_cpu_request(needs.cpu).set_cpu_limit(needs.most_cpu)
    task.set_memory_request(needs.memory).set_memory_limit(needs.most_memory)
    kubernetes.set_timeout(task, needs.timeout_s)
    task.set_retry(
        num_retries=needs.retries,
        backoff_duration=f"{needs.backoff_s}s",
        # Argo takes whole numbers only.
        backoff_factor=2,
        backoff_max_duration=RETRIED_FOR,
    )


def _ask_for_storage(task: dsl.PipelineTask, needs: Needs) -> None:
    """Let `task` ask for ephemeral storage.

    Kubeflow has no word for it. But its driver sets the limit of whatever resource the accelerator
    names (initPodSpecPatch in kubeflow/pipelines, backend/src/v2/driver/driver.go), and Kubernetes
    takes a limit for the request too. A step on a GPU has its accelerator there instead.
    """
    task.set_accelerator_type("ephemeral-storage")
    task.set_accelerator_limit(needs.storage_gib * GIB)


def _secure(task: dsl.PipelineTask, needs: Needs) -> None:
    """Refuse root, and give `task` the folders that it may write."""
    # No uid: the image has one, and some clusters (OpenShift) give each namespace its own.
    kubernetes.set_security_context(task, run_as_non_root=True)
    mount = functools.partial(kubernetes.empty_dir_mount, task)
    mount(volume_name="tmp", mount_path="/tmp", size_limit=f"{needs.storage_gib}Gi")  # noqa: S108 -- the pod's
    if needs.shm:
        mount(volume_name="shm", mount_path="/dev/shm", medium="Memory", size_limit=needs.shm)  # noqa: S108
