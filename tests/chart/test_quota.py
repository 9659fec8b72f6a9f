"""Quotas, default requests, priorities and queues: off unless asked for."""

from chart.rendering import rendered


def test_by_default_the_chart_limits_nothing_and_makes_nothing_for_the_whole_cluster() -> None:
    release = rendered()
    kinds = {o["kind"] for o in release.objects}
    assert not kinds & {"ResourceQuota", "LimitRange", "LocalQueue"}
    assert [o for o in release.objects if "namespace" not in o["metadata"]] == []


def test_a_quota_takes_the_resources_that_it_is_given() -> None:
    hard = {"requests.nvidia.com/gpu": "4", "pods": 10}
    quota = rendered({"quota": {"enabled": True, "hard": hard}}).find("ResourceQuota", "codekiln")
    assert hard.items() <= quota["spec"]["hard"].items()


def test_a_quota_without_default_requests_is_warned_of() -> None:
    assert "Set limitRange.enabled" in rendered({"quota": {"enabled": True}}).notes
    both = {"quota": {"enabled": True}, "limitRange": {"enabled": True}}
    assert "Set limitRange.enabled" not in rendered(both).notes


def test_default_requests_cover_every_resource_that_the_default_quota_counts() -> None:
    both = {"quota": {"enabled": True}, "limitRange": {"enabled": True}}
    release = rendered(both)
    (limits,) = release.find("LimitRange", "codekiln")["spec"]["limits"]
    counted = release.find("ResourceQuota", "codekiln")["spec"]["hard"]
    wanted = {key.removeprefix("requests.") for key in counted if key.startswith("requests.")}
    # nobody must say that it wants no GPU
    assert wanted - {"nvidia.com/gpu"} == limits["defaultRequest"].keys()
    assert "default" not in limits


def test_training_comes_before_collection() -> None:
    release = rendered({"priorityClasses": {"create": True}})
    training = release.find("PriorityClass", "codekiln-training")
    collection = release.find("PriorityClass", "codekiln-collection")
    assert training["value"] > 0 > collection["value"]
    assert collection["preemptionPolicy"] == "Never"


def test_pipeline_steps_get_the_same_priorities_from_kueue() -> None:
    values = {"kueue": {"priorityClasses": True}, "priorityClasses": {"training": 77}}
    release = rendered(values)
    found = [o for o in release.objects if o["kind"] == "WorkloadPriorityClass"]
    assert {o["metadata"]["name"]: o["value"] for o in found} == {
        "codekiln-training": 77,
        "codekiln-collection": -10,
    }


def test_the_queue_has_the_name_that_pipelines_are_compiled_with() -> None:
    queue = rendered({"kueue": {"enabled": True}}).find("LocalQueue", "codekiln")
    assert queue["spec"] == {"clusterQueue": "codekiln"}
    assert queue["apiVersion"] == "kueue.x-k8s.io/v1beta2"
