from collections.abc import Callable

import pytest
from kubernetes_objects import NAMESPACE, PROVIDERS, encoded, named
from kubernetes_server import Cluster

from codekiln_pipelines.doctor import objects
from codekiln_pipelines.doctor.finding import Finding, State
from codekiln_pipelines.doctor.kube import Kube

LOOKS = [objects.account, objects.secret, objects.settings, objects.launcher]


@pytest.mark.parametrize("look", LOOKS)
def test_what_the_chart_installs_is_found(look: Callable[[Kube], Finding], kube: Kube) -> None:
    assert look(kube).state is State.OK


@pytest.mark.parametrize(
    ("look", "resource", "name", "state"),
    [
        (objects.account, "serviceaccounts", "codekiln-runner", State.FAIL),
        (objects.secret, "secrets", "codekiln-s3", State.WARN),
        (objects.settings, "configmaps", "codekiln-s3", State.WARN),
        (objects.launcher, "configmaps", "kfp-launcher", State.WARN),
    ],
)
def test_what_is_missing_comes_with_the_command_that_makes_it(
    look: Callable[[Kube], Finding], resource: str, name: str, state: State,
    cluster: Cluster, kube: Kube,
) -> None:  # fmt: skip
    cluster.remove(resource, name)
    found = look(kube)
    assert found.state is state
    assert f"--namespace {NAMESPACE}" in found.remedy


def put_secret(cluster: Cluster, **values: str) -> None:
    data = {key: encoded(value) for key, value in values.items()}
    cluster.put("secrets", named("codekiln-s3", NAMESPACE, data=data))


def test_a_secret_with_other_keys_is_told_with_the_names_it_has(
    cluster: Cluster, kube: Kube
) -> None:
    put_secret(cluster, accesskey="a", secretkey="planted-2b44")
    found = objects.secret(kube)
    assert found.state is State.FAIL
    assert "lacks AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (it has: accesskey, secretkey)" in (
        found.found
    )


@pytest.mark.parametrize("value", ["", "planted-2b44\n", " planted-2b44"])
def test_a_key_with_a_line_end_is_refused_and_not_shown(
    value: str, cluster: Cluster, kube: Kube
) -> None:
    put_secret(cluster, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY=value)
    found = objects.secret(kube)
    assert found.state is State.FAIL
    assert "AWS_SECRET_ACCESS_KEY of Secret codekiln-s3" in found.found
    assert "planted" not in f"{found}"


def test_a_secret_in_a_config_map_is_refused_and_not_shown(cluster: Cluster, kube: Kube) -> None:
    data = {"AWS_REGION": "us-east-1", "AWS_SECRET_ACCESS_KEY": "planted-2b44"}
    cluster.put("configmaps", named("codekiln-s3", NAMESPACE, data=data))
    found = objects.settings(kube)
    assert found.state is State.FAIL
    assert "AWS_SECRET_ACCESS_KEY, which everybody may read" in found.found
    assert "planted" not in f"{found}"


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({"AWS_ENDPOINT_URL": "s3.example:9000", "AWS_REGION": "r"}, State.FAIL),
        ({"AWS_ENDPOINT_URL": "https://u:planted@s3.example", "AWS_REGION": "r"}, State.FAIL),
        ({"AWS_ENDPOINT_URL": "https://s3.example"}, State.WARN),
        ({"AWS_REGION": "eu-central-1"}, State.OK),
    ],
)
def test_settings_of_the_store_are_read_as_clients_do(
    data: dict[str, str], state: State, cluster: Cluster, kube: Kube
) -> None:
    cluster.put("configmaps", named("codekiln-s3", NAMESPACE, data=data))
    found = objects.settings(kube)
    assert found.state is state
    assert "planted" not in f"{found}"


@pytest.mark.parametrize(
    ("providers", "told"),
    [
        ("s3: [", "is no YAML (line"),
        ("[s3]", "a mapping of s3, minio or gs"),
        ("s4: {}", "s4 is none of s3, minio, gs"),
        ("s3: text", "s3 is no mapping"),
        ("s3: {overrides: [{bucketName: b}]}", "s3 lacks default.credentials"),
        ("s3: {default: {endpoint: e}}", "s3 lacks default.credentials"),
        ("s3: {default: text}", "s3 has a store that is no mapping"),
        ("s3: {default: {credentials: keys}}", "s3 has credentials that are no mapping"),
        ("s3: {default: {credentials: {secretRef: keys}}}", "credentials that are no mapping"),
        ("s3: {overrides: {bucketName: b}}", "s3 has overrides that are no list"),
        (PROVIDERS + "  overrides: [text]\n", "s3 has a store that is no mapping"),
        (PROVIDERS.replace("secretName: codekiln-s3", ""), "secretRef.secretName"),
        (
            PROVIDERS + "  overrides:\n  - {bucketName: b, credentials: {fromEnv: false}}\n",
            "overrides of b has neither",
        ),
    ],
)
def test_stores_that_the_launcher_cannot_read_are_told(providers: str, told: str) -> None:
    found = objects.judged_launcher({"providers": providers})
    assert found.state is State.FAIL
    assert told in found.found


def test_a_launcher_that_names_a_secret_without_its_keys_is_told(
    cluster: Cluster, kube: Kube
) -> None:
    put_secret(cluster, AWS_ACCESS_KEY_ID="key")
    found = objects.launcher(kube)
    assert found.state is State.FAIL
    assert "names AWS_SECRET_ACCESS_KEY of Secret codekiln-s3" in found.found
    cluster.remove("secrets", "codekiln-s3")
    assert "which is not in team" in objects.launcher(kube).found
    cluster.forbid("get", "secrets")
    assert objects.launcher(kube).state is State.OK


IDENTITY = "s3: {default: {endpoint: s3.amazonaws.com, credentials: {fromEnv: true}}}"


def test_an_identity_of_the_pod_needs_no_secret(cluster: Cluster, kube: Kube) -> None:
    assert objects.judged_launcher({"providers": IDENTITY}).state is State.OK
    cluster.put("configmaps", named("kfp-launcher", NAMESPACE, data={"providers": IDENTITY}))
    cluster.remove("secrets", "codekiln-s3")
    assert objects.launcher(kube).state is State.OK
    assert objects.secret(kube).state is State.OK


@pytest.mark.parametrize("providers", ["", "s3: {}", "s3: {default: }", "s3: {default: {}}"])
def test_a_launcher_that_is_told_of_no_store_names_no_secret(
    providers: str, cluster: Cluster, kube: Kube
) -> None:
    cluster.put("configmaps", named("kfp-launcher", NAMESPACE, data={"providers": providers}))
    assert objects.launcher(kube).state is State.OK


def test_a_root_that_is_no_place_is_refused() -> None:
    assert objects.judged_launcher({"defaultPipelineRoot": "/bucket"}).state is State.FAIL


def test_the_root_of_pipelines_is_where_the_launcher_is_told(kube: Kube) -> None:
    assert objects.pipeline_root(kube) == "s3://bucket/runs"
