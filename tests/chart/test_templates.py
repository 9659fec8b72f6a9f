"""Every combination of values gives objects that Kubernetes takes, and pods that are locked."""

import kubernetes_validate
import pytest
from chart import pods
from chart.rendering import JOB, MATRIX, RELEASE, Manifest, Rendered, combination, rendered

OLDEST, NEWEST = "1.30", "1.36"
CUSTOM = {"LocalQueue", "WorkloadPriorityClass"}
"""Kinds that Kubernetes itself does not know."""


@pytest.fixture(params=list(MATRIX))
def release(request: pytest.FixtureRequest) -> Rendered:
    return combination(request.param)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_every_object(release: Rendered, version: str) -> None:
    for manifest in release.objects:
        if manifest["kind"] not in CUSTOM:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("odd", ["007", "1e3", "on", "null"])
@pytest.mark.parametrize("mode", ["standalone", "multi-user", "none"])
def test_a_name_that_yaml_takes_for_a_number_or_a_truth_stays_a_name(mode: str, odd: str) -> None:
    values = {
        "image": {"pullSecrets": [odd]},
        "kfp": {"mode": mode, "namespace": odd},
        "s3": {"prefix": f"{odd}:", "credentials": {"secretName": odd}},
        "github": {"secretName": odd},
        "masking": {"secretName": f"{odd}0", "key": "x"},
        "runner": {"extraSecrets": [odd]},
        "doctor": {"clusterRead": True},
        "kueue": {"enabled": True, "queueName": odd, "clusterQueue": odd},
        "s3Server": {"enabled": True, "storageClass": odd},
        "cronJobs": [{**JOB, "args": ["submit"], "priorityClassName": odd}],
    }
    release = rendered(values, namespace=odd, name=odd)
    queue = release.find("LocalQueue", odd)
    assert (queue["metadata"]["namespace"], queue["spec"]["clusterQueue"]) == (odd, odd)
    for manifest in release.objects:
        if manifest["kind"] not in CUSTOM:
            kubernetes_validate.validate(manifest, NEWEST, strict=True)


def test_a_large_whole_number_is_written_as_one() -> None:
    job = {**JOB, "args": ["x"], "activeDeadlineSeconds": 1209600,
           "startingDeadlineSeconds": 2592000}  # fmt: skip
    values = {
        "priorityClasses": {"create": True, "training": 1000000, "collection": -1000000},
        "kueue": {"priorityClasses": True},
        "cronJobs": [job],
    }
    release = rendered(values)
    for kind in ("PriorityClass", "WorkloadPriorityClass"):
        assert release.find(kind, "codekiln-training")["value"] == 1000000
        assert release.find(kind, "codekiln-collection")["value"] == -1000000
    spec = release.find("CronJob", "codekiln-nightly")["spec"]
    assert spec["startingDeadlineSeconds"] == 2592000
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 1209600


def test_every_pod_is_locked(release: Rendered) -> None:
    assert {name: pods.faults(pod) for name, pod in pods.pods_of(release.objects)} == {
        name: [] for name, _ in pods.pods_of(release.objects)
    }


def test_no_object_is_there_twice(release: Rendered) -> None:
    names = [(o["kind"], o["metadata"]["name"]) for o in release.objects]
    assert len(names) == len(set(names))


def test_every_object_says_whose_it_is(release: Rendered) -> None:
    for manifest in release.objects:
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "codekiln"
        assert labels["app.kubernetes.io/instance"] == RELEASE


def test_pods_are_labeled_so_that_network_rules_and_quotas_see_them(release: Rendered) -> None:
    for _, pod in pods.pods_of(release.objects):
        assert pod["metadata"]["labels"]["app.kubernetes.io/part-of"] == "codekiln"


def test_what_a_pod_refers_to_is_installed_or_optional_or_named_by_the_user(
    release: Rendered,
) -> None:
    for _, pod in pods.pods_of(release.objects):
        assert pod["spec"].get("serviceAccountName", "default") in {
            "default", *release.names("ServiceAccount")
        }  # fmt: skip
        for container in pods.containers_of(pod):
            for source in container.get("envFrom", []):
                assert_there(release, source)


def assert_there(release: Rendered, source: Manifest) -> None:
    if "configMapRef" in source:
        assert source["configMapRef"]["name"] in release.names("ConfigMap")
    else:
        assert source["secretRef"]["optional"]


def test_selectors_select_the_pods_of_their_own_object(release: Rendered) -> None:
    labels = [pod["metadata"]["labels"] for _, pod in pods.pods_of(release.objects)]
    for manifest in release.objects:
        if manifest["kind"] == "Service":
            selector = manifest["spec"]["selector"]
            assert any(selector.items() <= found.items() for found in labels)
        if manifest["kind"] == "Deployment":
            selector = manifest["spec"]["selector"]["matchLabels"]
            own = manifest["spec"]["template"]["metadata"]["labels"]
            assert selector.items() <= own.items()


def test_two_releases_in_two_namespaces_share_no_object_of_the_cluster() -> None:
    values = {"doctor": {"clusterRead": True}}
    one, other = rendered(values, "kubeflow"), rendered(values, "codekiln")
    wide = [o["metadata"]["name"] for o in one.objects if "namespace" not in o["metadata"]]
    assert wide
    assert not set(wide) & {
        o["metadata"]["name"] for o in other.objects if "namespace" not in o["metadata"]
    }
