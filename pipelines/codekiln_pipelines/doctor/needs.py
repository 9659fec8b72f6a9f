"""What the steps of our pipelines ask for: images, memory, cores, GPUs, read from the packages."""

import dataclasses
import functools
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"^\{\{\$\.inputs\.parameters\['(.+)'\]\}\}$")
COMPILING = threading.Lock()
"""kfp keeps the pipeline that it compiles in a variable of its module."""

CPU = "cpu"
"""The pool of packages that any cluster can run, see codekiln_pipelines.cluster."""

Values = Mapping[str, object]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Need:
    """What one step of one pipeline asks of a node, as Kubernetes writes amounts; empty: nothing.

    What depends on a choice of the user is what the parameter's default makes of it. Of disk, the
    package asks as of an accelerator, see codekiln_pipelines.cluster.
    """

    pipeline: str
    step: str
    image: str
    requests: Mapping[str, str]
    """By resource: cpu, memory, nvidia.com/gpu."""
    limits: Mapping[str, str]

    @property
    def gpus(self) -> bool:
        """Say whether the step asks for a GPU."""
        return any("gpu" in name for name in self.limits)


class Packages:
    """The needs of all pipelines."""

    def __init__(
        self, pool: str = CPU, known: Mapping[str, tuple[Need, ...]] | None = None
    ) -> None:
        """Compile for `pool`, unless the needs are `known` by pool."""
        self.pool = pool
        self._known = known or {}

    def needs(self, pool: str = "") -> tuple[Need, ...]:
        """Return the needs of each step of each pipeline, trained on `pool` or the usual one."""
        with COMPILING:
            wanted = pool or self.pool
            return self._known.get(wanted) or compiled(wanted)

    def images(self) -> list[str]:
        """Return the names of all images."""
        return sorted({need.image for need in self.needs()})


@functools.cache
def compiled(pool: str) -> tuple[Need, ...]:
    """Return the needs of all packages that train on `pool`."""
    # What reads packages takes a while to import: only who asks pays.
    from codekiln_pipelines import packages
    from codekiln_pipelines.cluster import Cluster
    from codekiln_pipelines.kubeflow import asked

    made = (asked.compiled(name, Cluster(pool=pool)) for name in packages.names())
    return tuple(need for package in made for need in of_package(package.spec))


def of_package(spec: Mapping[str, Any]) -> Iterator[Need]:
    """Yield what each step of a compiled pipeline asks for, its parameters at their defaults."""
    known = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    defaults = {name: told.get("defaultValue") for name, told in known.items()}
    yield from _of_dag(spec, spec["root"]["dag"], defaults)


def _of_dag(spec: Mapping[str, Any], dag: Mapping[str, Any], values: Values) -> Iterator[Need]:
    for name, task in dag["tasks"].items():
        component = spec["components"][task["componentRef"]["name"]]
        told = task.get("inputs", {}).get("parameters", {})
        inner = {key: _value(source, values) for key, source in told.items()}
        if "dag" in component:
            yield from _of_dag(spec, component["dag"], inner)
        elif "container" in (
            executor := spec["deploymentSpec"]["executors"][component["executorLabel"]]
        ):
            yield _of_container(spec["pipelineInfo"]["name"], name, executor["container"], inner)


def _value(source: Mapping[str, Any], values: Values) -> object:
    """Return what a task is told: a parameter of what is around it, or a constant."""
    if "componentInputParameter" in source:
        return values.get(source["componentInputParameter"])
    return source.get("runtimeValue", {}).get("constant")


def _of_container(pipeline: str, step: str, container: Mapping[str, Any], values: Values) -> Need:
    told = container.get("resources", {})
    accelerator = told.get("accelerator", {})
    limits = {
        "cpu": _filled(told.get("resourceCpuLimit"), values),
        "memory": _filled(told.get("resourceMemoryLimit"), values),
        _filled(accelerator.get("resourceType"), values): _filled(
            accelerator.get("resourceCount"), values
        ),
    }
    limits = {name: amount for name, amount in limits.items() if name and amount not in ("", "0")}
    requests = {
        "cpu": _filled(told.get("resourceCpuRequest"), values),
        "memory": _filled(told.get("resourceMemoryRequest"), values),
    }
    asked = {name: amount for name, amount in requests.items() if amount}
    # Kubernetes requests the limit where nothing else is requested.
    return Need(
        pipeline=pipeline,
        step=step,
        image=container["image"],
        requests={**limits, **asked},
        limits=limits,
    )


def _filled(text: object, values: Values) -> str:
    """Return an amount, or what the parameter it stands for is; empty where that is not known."""
    found = PLACEHOLDER.match(str(text or ""))
    value = values.get(found[1]) if found else text
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
