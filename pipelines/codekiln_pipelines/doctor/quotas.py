"""Quotas and limit ranges that would refuse a step, held against what the packages ask for."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from codekiln_pipelines.doctor.finding import Check, Finding, fail, ok, warn
from codekiln_pipelines.doctor.kube import Kube, Right, checked
from codekiln_pipelines.doctor.needs import Need, Packages

COMPUTE = ("cpu", "memory")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quota:
    """A ResourceQuota, as far as it concerns every pod."""

    name: str
    hard: Mapping[str, str]
    used: Mapping[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Range:
    """What a LimitRange says of containers, or of pods."""

    name: str
    most: Mapping[str, str]
    least: Mapping[str, str]
    default: Mapping[str, str]
    """Limits of a container that names none."""
    default_request: Mapping[str, str]


def checks(kube: Kube, packages: Packages) -> list[Check]:
    """Return the checks of what a namespace grants."""
    return [
        checked("cluster.quota", lambda: quota(kube, packages)),
        checked("cluster.limits", lambda: limits(kube, packages)),
    ]


def quota(kube: Kube, packages: Packages) -> Finding:
    """Read the quotas of the namespace, and judge them."""
    right = Right(verb="list", resource="resourcequotas", namespace=kube.namespace)
    core = kube.of("CoreV1Api")
    found = kube.ask(right, core.list_namespaced_resource_quota, kube.namespace).items
    # One with scopes counts some pods only, and which is decided as they are made.
    told = [
        _quota_of(item) for item in found if not item.spec.scopes and not item.spec.scope_selector
    ]
    if not told:
        return ok("no quota on every pod")
    return judged_quotas(told, packages.needs(), named_for(_ranges(kube)))


def limits(kube: Kube, packages: Packages) -> Finding:
    """Read the limit ranges of the namespace, and judge them."""
    ranges = _ranges(kube)
    if not ranges:
        return ok("no limit range")
    return judged_ranges(ranges, packages.needs())


def _ranges(kube: Kube) -> list[Range]:
    right = Right(verb="list", resource="limitranges", namespace=kube.namespace)
    found = kube.ask(right, kube.of("CoreV1Api").list_namespaced_limit_range, kube.namespace).items
    return [
        Range(
            name=item.metadata.name,
            most=told.max or {},
            least=told.min or {},
            default=told.default or {},
            default_request=told.default_request or {},
        )
        for item in found
        for told in item.spec.limits
        if told.type in ("Container", "Pod")
    ]


def _quota_of(item: Any) -> Quota:
    status = item.status
    return Quota(
        name=item.metadata.name,
        hard=item.spec.hard or {},
        used=(status.used if status else None) or {},
    )


def named_for(ranges: Iterable[Range]) -> set[str]:
    """Return what limit ranges name for containers that name nothing, as keys of a quota."""
    limits = {name for told in ranges for name in told.default}
    requests = {name for told in ranges for name in (*told.default, *told.default_request)}
    return {f"limits.{name}" for name in limits} | {f"requests.{name}" for name in requests}


def amount(text: str) -> Decimal:
    """Read an amount as Kubernetes writes it: 500m, 2Ti."""
    from kubernetes.utils import parse_quantity

    return Decimal(parse_quantity(text))


def asked_of(need: Need, key: str) -> str | None:
    """Return what a step asks of a quota's resource `key`, None if it names nothing.

    A bare `cpu` or `memory` in a quota means requests.
    """
    if key.startswith("limits."):
        return need.limits.get(key.removeprefix("limits."))
    return need.requests.get(key.removeprefix("requests."))


def judged_quotas(quotas: Sequence[Quota], needs: Sequence[Need], given: set[str]) -> Finding:
    """Judge whether every step fits into the quotas, at all and now.

    What containers are `given` that name nothing is told as keys of a quota.
    """
    for told in quotas:
        if problem := _too_small(told, needs):
            return fail(
                problem, f"raise it: kubectl edit resourcequota {told.name}, or ask who set it"
            )
    unnamed = [key for told in quotas for key in told.hard if _is_compute(key)]
    refused = [key for key in unnamed if _whole(key) not in given]
    if refused:
        return fail(
            f"a quota on {refused[0]} refuses pods that name none, and containers of Argo do not",
            "give defaults: helm upgrade ... --set limitRange.enabled=true, with "
            f"limitRange.{_default_of(refused[0])}",
        )
    busy = next(filter(None, (_used_up(told, needs) for told in quotas)), None)
    if busy:
        return warn(busy, "wait until other work ends, or raise the quota")
    return ok(f"every step fits into {', '.join(told.name for told in quotas)}")


def _is_compute(key: str) -> bool:
    return _whole(key).partition(".")[2] in COMPUTE


def _whole(key: str) -> str:
    """Return the long name of a quota's resource: a bare `cpu` means requests."""
    return f"requests.{key}" if key in COMPUTE else key


def _default_of(key: str) -> str:
    kind, _, resource = _whole(key).partition(".")
    return f"{'default' if kind == 'limits' else 'defaultRequest'}.{resource}"


def _too_small(told: Quota, needs: Sequence[Need]) -> str:
    for key, need, wanted in _wanted(told, needs):
        if amount(wanted) > amount(told.hard[key]):
            return (
                f"quota {told.name} grants {told.hard[key]} of {key}, and {need.step} of "
                f"{need.pipeline} asks for {wanted}"
            )
    return ""


def _used_up(told: Quota, needs: Sequence[Need]) -> str:
    for key, need, wanted in _wanted(told, needs):
        left = amount(told.hard[key]) - amount(told.used.get(key, "0"))
        if amount(wanted) > left:
            return (
                f"quota {told.name}: {told.used[key]} of {told.hard[key]} {key} are in use, and "
                f"{need.step} of {need.pipeline}, which asks for {wanted}, would wait"
            )
    return ""


def _wanted(told: Quota, needs: Sequence[Need]) -> Iterator[tuple[str, Need, str]]:
    """Yield each resource that a quota counts with each step that asks for some."""
    for key in told.hard:
        if key == "pods" and needs:
            yield key, needs[0], "1"
        for need in needs:
            if wanted := asked_of(need, key):
                yield key, need, wanted


def judged_ranges(ranges: Sequence[Range], needs: Sequence[Need]) -> Finding:
    """Judge whether every step lies within the limit ranges."""
    for told in ranges:
        for need in needs:
            if problem := _outside(told, need):
                return fail(
                    f"limit range {told.name}: {problem} of {need.pipeline}",
                    f"kubectl edit limitrange {told.name}, or ask who set it",
                )
    return ok(f"every step lies within {', '.join(sorted({told.name for told in ranges}))}")


def _outside(told: Range, need: Need) -> str:
    for resource, most in told.most.items():
        wanted = need.limits.get(resource) or need.requests.get(resource)
        if wanted and amount(wanted) > amount(most):
            return f"at most {most} of {resource}, and {wanted} is asked for by {need.step}"
    for resource, least in told.least.items():
        wanted = need.requests.get(resource)
        if wanted and amount(wanted) < amount(least):
            return f"at least {least} of {resource}, and {wanted} is asked for by {need.step}"
    for resource, given in told.default.items():
        wanted = need.requests.get(resource)
        if wanted and resource not in need.limits and amount(wanted) > amount(given):
            return f"limits {resource} to {given}, under the {wanted} requested by {need.step}"
    return ""
