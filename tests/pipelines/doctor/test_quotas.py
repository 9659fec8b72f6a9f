import pytest
from kubernetes_objects import NAMESPACE, named, need
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import quotas
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.kube import Kube
from codekiln_pipelines.doctor.needs import Need, Packages
from codekiln_pipelines.doctor.quotas import Quota, Range

DEFAULTS = {"cpu": "1", "memory": "96Gi"}


def put_quota(cluster: Cluster, hard: dict[str, str], used: dict[str, str] | None = None) -> None:
    spec, status = {"hard": hard}, {"hard": hard, "used": used or {}}
    cluster.put("resourcequotas", named("small", NAMESPACE, spec=spec, status=status))


def put_range(cluster: Cluster, **told: dict[str, str]) -> None:
    spec = {"limits": [{"type": "Container", **told}]}
    cluster.put("limitranges", named("range", NAMESPACE, spec=spec))


def test_a_namespace_without_a_quota_grants_everything(kube: Kube, packages: Packages) -> None:
    assert quotas.quota(kube, packages).state is State.OK


@pytest.mark.parametrize(
    ("hard", "told"),
    [
        ({"requests.memory": "32Gi"}, "grants 32Gi of requests.memory, and train-model of history"),
        ({"cpu": "7500m"}, "grants 7500m of cpu, and train-model of history asks for 8"),
        ({"limits.memory": "60G"}, "grants 60G of limits.memory"),
        ({"requests.nvidia.com/gpu": "0"}, "grants 0 of requests.nvidia.com/gpu"),
        ({"pods": "0"}, "grants 0 of pods"),
    ],
)
def test_a_quota_too_small_for_a_step_is_told_with_the_step(
    hard: dict[str, str], told: str, cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    put_range(cluster, default=DEFAULTS)
    put_quota(cluster, hard)
    found = quotas.quota(kube, packages)
    assert found.state is State.FAIL
    assert told in found.found
    assert "kubectl edit resourcequota small" in found.remedy


def test_a_quota_in_use_makes_steps_wait(cluster: Cluster, kube: Kube, packages: Packages) -> None:
    put_range(cluster, default=DEFAULTS)
    put_quota(cluster, {"requests.memory": "100Gi"}, used={"requests.memory": "40Gi"})
    found = quotas.quota(kube, packages)
    assert found.state is State.WARN
    assert "40Gi of 100Gi requests.memory are in use" in found.found


def test_a_quota_without_defaults_refuses_the_containers_of_argo(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    put_quota(cluster, {"requests.memory": "1Ti"})
    found = quotas.quota(kube, packages)
    assert found.state is State.FAIL
    assert "limitRange.enabled=true" in found.remedy
    put_range(cluster, default=DEFAULTS)
    assert quotas.quota(kube, packages).state is State.OK


@pytest.mark.parametrize(
    ("key", "told", "state"),
    [
        ("requests.cpu", {"defaultRequest": {"cpu": "100m"}}, State.OK),
        ("cpu", {"default": {"cpu": "1"}}, State.OK),
        ("limits.cpu", {"defaultRequest": {"cpu": "100m"}}, State.FAIL),
    ],
)
def test_a_default_counts_for_the_quota_that_it_answers(
    key: str, told: dict[str, dict[str, str]], state: State,
    cluster: Cluster, kube: Kube, packages: Packages,
) -> None:  # fmt: skip
    put_range(cluster, **told)
    put_quota(cluster, {key: "100"})
    assert quotas.quota(kube, packages).state is state


def test_a_quota_of_some_pods_only_is_left_out(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    spec = {"hard": {"pods": "0"}, "scopes": ["BestEffort"]}
    cluster.put("resourcequotas", named("some", NAMESPACE, spec=spec, status={}))
    assert quotas.quota(kube, packages).state is State.OK


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"max": {"memory": "32Gi"}}, "at most 32Gi of memory, and 64Gi is asked for"),
        ({"min": {"cpu": "6"}}, "at least 6 of cpu, and 4 is asked for by mine-commits"),
    ],
)
def test_a_limit_range_that_refuses_a_step_is_told_with_the_step(
    told: dict[str, dict[str, str]], problem: str, cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    put_range(cluster, **told)
    found = quotas.limits(kube, packages)
    assert found.state is State.FAIL
    assert problem in found.found


def test_a_default_limit_under_a_request_refuses_the_step() -> None:
    asked = Need(pipeline="history", step="s", image="i", requests={"memory": "4Gi"}, limits={})
    given = Range(name="range", most={}, least={}, default={"memory": "2Gi"}, default_request={})
    found = quotas.judged_ranges([given], [asked])
    assert found.state is State.FAIL
    assert "limits memory to 2Gi, under the 4Gi requested by s" in found.found


def test_a_limit_range_around_every_step_is_fine(
    cluster: Cluster, kube: Kube, packages: Packages
) -> None:
    put_range(cluster, max={"memory": "1Ti"}, default=DEFAULTS)
    assert quotas.limits(kube, packages).state is State.OK


def test_amounts_are_compared_across_units() -> None:
    told = Quota(name="q", hard={"memory": "1Ti"}, used={})
    found = quotas.judged_quotas([told], [need(memory="900000Mi")], {"requests.memory"})
    assert found.state is State.OK
