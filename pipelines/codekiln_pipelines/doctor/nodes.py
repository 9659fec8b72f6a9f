"""Nodes: whether each pool has one that takes the largest step of its kind."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codekiln_pipelines import cluster
from codekiln_pipelines.doctor.finding import Check, Finding, fail, ok, skip, warn
from codekiln_pipelines.doctor.gpu import OLDEST_DRIVER
from codekiln_pipelines.doctor.kube import Kube, Right, checked
from codekiln_pipelines.doctor.needs import Need, Packages
from codekiln_pipelines.doctor.quotas import amount

GPU = "nvidia.com/gpu"
PRODUCT = "nvidia.com/gpu.product"
DRIVER = ("nvidia.com/cuda.driver.major", "nvidia.com/cuda.driver.minor")
DRIVER_WHOLE = "nvidia.com/cuda.driver-version.full"
"""Labels of NVIDIA's GPU feature discovery; the second since 0.16."""
REFUSING = ("NoSchedule", "NoExecute")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Toleration:
    """What a pod puts up with; an empty key is every taint, an empty effect every effect."""

    key: str = ""
    operator: str = "Exists"
    value: str = ""
    effect: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Taint:
    """What keeps pods off a node."""

    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        """Say it as kubectl does."""
        return f"{self.key}{f'={self.value}' if self.value else ''}:{self.effect}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pool:
    """Where a step may run: labels that a node must have, and taints that the step tolerates."""

    name: str
    selector: Mapping[str, str]
    tolerations: Sequence[Toleration]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """A node, as far as a step's pod is concerned."""

    name: str
    labels: Mapping[str, str]
    taints: Sequence[Taint]
    allocatable: Mapping[str, str]
    is_ready: bool
    is_cordoned: bool


ANY = Pool(name="cpu", selector={}, tolerations=())
"""Steps without a GPU run on any node."""


def checks(kube: Kube, packages: Packages, wanted: str) -> list[Check]:
    """Return a check for CPU nodes and one for each GPU pool; the pool `wanted` must be there."""
    pools = [
        checked(f"cluster.pool.{pool.name}", functools.partial(gpus, kube, packages, pool, wanted))
        for pool in gpu_pools()
    ]
    return [checked("cluster.nodes", lambda: cpus(kube, packages)), *pools]


def gpu_pools() -> list[Pool]:
    """Return the GPU pools that a package can be made for."""
    return [
        Pool(
            name=name,
            selector=pool.gpu_node_selector,
            tolerations=[Toleration(**told) for told in pool.gpu_tolerations],
        )
        for name, pool in cluster.POOLS.items()
        if pool.variant
    ]


def listed(kube: Kube) -> list[Node]:
    """Read all nodes."""
    right = Right(verb="list", resource="nodes")
    return [node_of(item) for item in kube.ask(right, kube.of("CoreV1Api").list_node).items]


def node_of(item: Any) -> Node:
    """Read a node of the API."""
    conditions = item.status.conditions or []
    return Node(
        name=item.metadata.name,
        labels=item.metadata.labels or {},
        taints=[
            Taint(key=t.key, value=t.value or "", effect=t.effect)
            for t in item.spec.taints or []
            if t.effect in REFUSING
        ],
        allocatable=item.status.allocatable or {},
        is_ready=any(c.type == "Ready" and c.status == "True" for c in conditions),
        is_cordoned=bool(item.spec.unschedulable),
    )


def cpus(kube: Kube, packages: Packages) -> Finding:
    """Judge whether a node takes the largest step without a GPU."""
    return judged(listed(kube), ANY, [need for need in packages.needs() if not need.gpus])


def gpus(kube: Kube, packages: Packages, pool: Pool, wanted: str) -> Finding:
    """Judge whether a node of `pool` takes the largest step with a GPU."""
    nodes = [node for node in listed(kube) if is_in(node, pool)]
    if not nodes:
        return absent(pool, is_wanted=wanted == pool.name)
    needs = [need for need in packages.needs(pool.name) if need.gpus]
    found = judged(nodes, pool, needs, gpus_wanted=1)
    return judged_driver(nodes, found)


def absent(pool: Pool, *, is_wanted: bool) -> Finding:
    """Judge a pool that has no node."""
    label = ", ".join(f"{key}={value}" for key, value in pool.selector.items())
    found = f"no node has {label}"
    if is_wanted:
        return fail(
            found,
            "add such nodes with NVIDIA's GPU operator, which sets the label; see the names that "
            f"there are: kubectl get nodes --label-columns {PRODUCT}",
        )
    return skip(found, f"to train there add such nodes, and ask for them with --pool {pool.name}")


def is_in(node: Node, pool: Pool) -> bool:
    """Say whether `node` has the labels of `pool`."""
    return all(node.labels.get(key) == value for key, value in pool.selector.items())


def judged(
    nodes: Sequence[Node], pool: Pool, needs: Sequence[Need], gpus_wanted: int = 0
) -> Finding:
    """Judge whether one of `nodes` takes the largest of `needs`; the first hindrance is told."""
    up = [node for node in nodes if node.is_ready and not node.is_cordoned]
    if not up:
        return fail(
            f"{_count(nodes)}, none of them ready and open for pods",
            "kubectl get nodes, then kubectl uncordon or kubectl describe node",
        )
    open_ = [node for node in up if not hindering(node, pool)]
    if not open_:
        taint = hindering(up[0], pool)[0]
        return fail(
            f"{_count(up)}, all with taints that steps do not tolerate ({taint})",
            f"kubectl taint nodes {up[0].name} {taint}-"
            if pool is ANY
            else "let the pool in codekiln_pipelines/cluster.py tolerate it, or remove the taint: "
            f"kubectl taint nodes {up[0].name} {taint}-",
        )
    return fitting(open_, largest(needs), gpus_wanted)


def fitting(nodes: Sequence[Node], wanted: Mapping[str, tuple[str, Need]], gpus: int) -> Finding:
    """Judge whether one of `nodes` has all of what is `wanted` of it."""
    most = max(nodes, key=lambda node: amount(node.allocatable.get("memory", "0")))
    if gpus and not any(amount(node.allocatable.get(GPU, "0")) >= gpus for node in nodes):
        return fail(
            f"{_count(nodes)}, none with a {GPU} to give",
            "look at NVIDIA's device plugin: kubectl get daemonsets -A",
        )
    if any(not short_of(node, wanted) for node in nodes):
        return ok(f"{_count(nodes)}, the largest with {room(most)}{largest_told(wanted)}")
    resource = short_of(most, wanted)[0]
    asked, need = wanted[resource]
    there = most.allocatable.get(resource, "0")
    return fail(
        f"{_count(nodes)}, the largest ({most.name}) with {there} of {resource}, and {need.step} "
        f"of {need.pipeline} asks for {asked}",
        "add a larger node, or ask for less in the parameters of the run",
    )


def hindering(node: Node, pool: Pool) -> list[Taint]:
    """Return the taints of `node` that keep a step of `pool` off."""
    return [
        taint for taint in node.taints if not any(tolerates(t, taint) for t in pool.tolerations)
    ]


def tolerates(told: Toleration, taint: Taint) -> bool:
    """Say whether a pod with `told` puts up with `taint`."""
    if told.effect not in ("", taint.effect):
        return False
    if told.operator == "Exists":
        return told.key in ("", taint.key)
    return told.key == taint.key and told.value == taint.value


def largest(needs: Iterable[Need]) -> dict[str, tuple[str, Need]]:
    """Return the step that asks for most of each resource."""
    found: dict[str, tuple[str, Need]] = {}
    for need in needs:
        for resource, asked in need.requests.items():
            if resource not in found or amount(asked) > amount(found[resource][0]):
                found[resource] = (asked, need)
    return found


def short_of(node: Node, wanted: Mapping[str, tuple[str, Need]]) -> list[str]:
    """Return the resources that `node` has too little of."""
    return [
        resource
        for resource, (asked, _) in wanted.items()
        if amount(node.allocatable.get(resource, "0")) < amount(asked)
    ]


def room(node: Node) -> str:
    """Say what a node can give."""
    gib = amount(node.allocatable.get("memory", "0")) / (1 << 30)
    gpus = node.allocatable.get(GPU, "0")
    told = f"{amount(node.allocatable.get('cpu', '0')):.3g} cores, {gib:.0f} GiB"
    return f"{gpus} GPUs, {told}" if gpus != "0" else told


def largest_told(wanted: Mapping[str, tuple[str, Need]]) -> str:
    """Say which step asks for most memory."""
    if "memory" not in wanted:
        return ""
    asked, need = wanted["memory"]
    return f"; {need.step} asks for {asked}"


def judged_driver(nodes: Sequence[Node], found: Finding) -> Finding:
    """Add the drivers of a pool to what was found of it, and judge the oldest."""
    drivers = sorted({version for node in nodes if (version := driver_of(node))})
    if not drivers:
        return dataclasses.replace(found, found=f"{found.found}; no label tells the driver")
    told = f"{found.found}; driver {', '.join('.'.join(map(str, d)) for d in drivers)}"
    if drivers[0] < OLDEST_DRIVER and not found.remedy:
        return warn(
            f"{told}, too old for CUDA 13", f"install NVIDIA's driver {OLDEST_DRIVER[0]} or newer"
        )
    return dataclasses.replace(found, found=told)


def driver_of(node: Node) -> tuple[int, ...]:
    """Return the version of the driver of `node`, as its labels tell; empty if they do not."""
    whole = node.labels.get(DRIVER_WHOLE, "").split(".")
    parts = whole if whole != [""] else [node.labels.get(name, "") for name in DRIVER]
    return tuple(int(part) for part in parts if part.isdecimal())


def _count(nodes: Sequence[Node]) -> str:
    return "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
