"""A Kubernetes cluster: everything that a run as pods stands on."""

import dataclasses
from collections.abc import Callable, Sequence

from codekiln_pipelines.doctor import nodes, objects, pull, quotas, rights
from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn
from codekiln_pipelines.doctor.kube import AbsentError, ForbiddenError, Kube, Right, checked
from codekiln_pipelines.doctor.needs import CPU, Packages

TO_USE_IT = "to use it set KUBECONFIG, or give --context NAME"
OLDEST = (1, 30)
"""As in the chart's kubeVersion."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the user asked for besides the usual."""

    pool: str = CPU
    """The pool that is to train; it must be there."""
    queue: str | None = None
    """The Kueue LocalQueue that must be there."""
    image: str | None = None
    """The image that a pod is to pull."""
    forwards: str | None = None
    """The namespace that a port-forward leads to."""


def unconfigured() -> Subject:
    """Return the subject of a machine that leads to no cluster."""
    found = skip("not configured: local runs need none", TO_USE_IT)
    return Subject(name="cluster", checks=[Check(name="cluster.server", look=lambda: found)])


def subject(kube: Kube, packages: Packages, wanted: Wanted, *, asked: bool) -> Subject:
    """Return the checks of the cluster that `kube` leads to."""
    checks = [
        checked("cluster.server", lambda: server(kube), gates=True),
        checked("cluster.namespace", lambda: namespace(kube), gates=True),
        *rights.checks(kube, pulls=wanted.image is not None, forwards=wanted.forwards),
        *objects.checks(kube),
        *quotas.checks(kube, packages),
        *nodes.checks(kube, packages, wanted.pool),
        checked("cluster.storage", lambda: storage(kube)),
        checked("cluster.priorities", lambda: priorities(kube)),
    ]
    if wanted.queue:
        checks.append(checked("cluster.queue", lambda: queue(kube, wanted.queue or "")))
    if wanted.image:
        checks.append(pull.check(kube, wanted.image))
    return Subject(name="cluster", asked=asked, checks=checks)


def server(kube: Kube) -> Finding:
    """Ask the API server for its version."""
    right = Right(verb="get", resource="/version")
    told = kube.ask(right, kube.of("VersionApi").get_code)
    line = f"Kubernetes {told.git_version} at {kube.api.configuration.host}"
    minor = int("".join(c for c in told.minor if c.isdecimal()) or 0)
    if (int(told.major), minor) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return warn(f"{line}, older than {wanted}", f"upgrade the cluster to {wanted} or newer")
    return ok(line)


def namespace(kube: Kube) -> Finding:
    """Look for the namespace; who may not read it may work in it all the same."""
    right = Right(verb="get", resource="namespaces", name=kube.namespace)
    try:
        found = kube.ask(right, kube.of("CoreV1Api").read_namespace, kube.namespace)
    except AbsentError:
        return _absent(kube)
    except ForbiddenError:
        return ok(f"{kube.namespace}, which this account may not read itself")
    if found.status and found.status.phase == "Terminating":
        return _absent(kube, "is being deleted")
    return ok(kube.namespace)


def _absent(kube: Kube, what: str = "is not there") -> Finding:
    return fail(
        f"namespace {kube.namespace} {what}",
        f"give another with --namespace, or: kubectl create namespace {kube.namespace}",
    )


def storage(kube: Kube) -> Finding:
    """Look for the storage class that claims get which name none."""
    right = Right(verb="list", resource="storageclasses", group="storage.k8s.io")
    found = kube.ask(right, kube.of("StorageV1Api").list_storage_class).items
    return judged_storage([(c.metadata.name, c.metadata.annotations or {}) for c in found])


DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def judged_storage(classes: Sequence[tuple[str, dict[str, str]]]) -> Finding:
    """Judge the storage classes, each a name and its annotations."""
    defaults = [name for name, told in classes if told.get(DEFAULT_CLASS) == "true"]
    if defaults:
        return ok(f"default storage class {', '.join(defaults)}")
    names = [name for name, _ in classes]
    if not names:
        return warn("no storage class: no volume can be claimed", "install a CSI driver")
    mark = f'\'{{"metadata":{{"annotations":{{"{DEFAULT_CLASS}":"true"}}}}}}\''
    return warn(
        f"no default among the storage classes {', '.join(names)}: claims that name none wait",
        f"kubectl patch storageclass {names[0]} --patch {mark}",
    )


PRIORITIES = ("codekiln-training", "codekiln-collection")


def priorities(kube: Kube) -> Finding:
    """Look for the priority classes that CronJobs may name."""
    right = Right(verb="list", resource="priorityclasses", group="scheduling.k8s.io")
    found = kube.ask(right, kube.of("SchedulingV1Api").list_priority_class).items
    missing = [name for name in PRIORITIES if name not in {c.metadata.name for c in found}]
    if missing:
        return skip(
            f"no priority class {', '.join(missing)}: only CronJobs that name one need it",
            "to use it: helm upgrade ... --set priorityClasses.create=true",
        )
    return ok(", ".join(PRIORITIES))


def queue(kube: Kube, name: str) -> Finding:
    """Look for the Kueue LocalQueue `name`, and whether it takes work."""
    group = "kueue.x-k8s.io"
    right = Right(
        verb="get", resource="localqueues", group=group, namespace=kube.namespace, name=name
    )
    get: Callable[..., object] = kube.of("CustomObjectsApi").get_namespaced_custom_object
    told = None
    for version in ("v1beta2", "v1beta1"):
        try:
            told = kube.ask(right, get, group, version, kube.namespace, "localqueues", name)
            break
        except AbsentError:
            continue
    if told is None:
        return fail(
            f"no LocalQueue {name} in {kube.namespace}",
            "install Kueue, then: helm upgrade ... --set kueue.enabled=true",
        )
    active = {c["type"]: c for c in told.get("status", {}).get("conditions", [])}.get("Active", {})
    cluster_queue = told.get("spec", {}).get("clusterQueue", "")
    if active.get("status") == "False":
        return fail(
            f"LocalQueue {name} is not active: {active.get('message', 'no reason told')}",
            f"kubectl describe clusterqueue {cluster_queue}",
        )
    return ok(f"LocalQueue {name} of ClusterQueue {cluster_queue}")
