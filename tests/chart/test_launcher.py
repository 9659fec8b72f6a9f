"""The ConfigMap kfp-launcher, held against the fields that KFP 2.17 reads.

Source: backend/src/v2/config/s3.go (S3ProviderConfig) and backend/src/v2/objectstore/config.go of
kubeflow/pipelines: unknown keys are ignored there without a word, and so are typing mistakes.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from chart.rendering import rendered

STORE = {
    "endpoint": str, "region": str, "disableSSL": bool, "forcePathStyle": bool,
    "credentials": dict,
}  # fmt: skip
OVERRIDE = {**STORE, "bucketName": str, "keyPrefix": str}
SECRET = {"secretName", "accessKeyKey", "secretKeyKey"}
ROOT = re.compile(r"(^[a-z][a-z0-9]+:///?)([^/?]+)(/[^?]*)?(\?.+)?$")
"""What KFP takes as the root of a pipeline."""


def launcher(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the pipeline root and the stores that KFP would read."""
    data = rendered(values).find("ConfigMap", "kfp-launcher")["data"]
    assert data.keys() == {"defaultPipelineRoot", "providers"}
    providers = yaml.safe_load(data["providers"])
    assert providers.keys() == {"s3"}
    return data["defaultPipelineRoot"], providers["s3"]


def default_store(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default store, once its fields are those that KFP reads."""
    store: dict[str, Any] = launcher(values)[1]["default"]
    assert store.keys() == STORE.keys()
    assert all(isinstance(store[key], kind) for key, kind in STORE.items())
    return store


def test_the_root_is_the_bucket_and_the_prefix() -> None:
    root, _ = launcher({"s3": {"bucket": "models", "prefix": "team/runs"}})
    assert root == "s3://models/team/runs"
    found = ROOT.match(root)
    assert found
    assert found[1] == "s3://"


def test_a_root_of_the_users_own_is_taken_as_it_is() -> None:
    assert launcher({"launcher": {"pipelineRoot": "s3://other/x"}})[0] == "s3://other/x"


def test_without_an_endpoint_the_store_is_aws_by_the_name_that_kfp_knows() -> None:
    store = default_store({"s3": {"region": "eu-central-1", "forcePathStyle": False}})
    assert re.match(r"^(https://)?s3.amazonaws.com", store["endpoint"])
    assert store["region"] == "eu-central-1"
    assert (store["disableSSL"], store["forcePathStyle"]) == (False, False)


@pytest.mark.parametrize(
    ("url", "endpoint", "plain"),
    [
        ("http://store.ns.svc:8333", "store.ns.svc:8333", True),
        ("https://store.example/", "store.example", False),
    ],
)
def test_an_endpoint_is_told_without_scheme_and_the_scheme_as_a_switch(
    url: str, endpoint: str, plain: bool
) -> None:
    store = default_store({"s3": {"endpoint": url}})
    assert (store["endpoint"], store["disableSSL"]) == (endpoint, plain)


def test_the_server_of_the_chart_is_the_store_if_no_other_is_named() -> None:
    store = default_store({"s3Server": {"enabled": True}})
    assert store["endpoint"] == "codekiln-s3.kubeflow.svc:8333"
    settings = rendered({"s3Server": {"enabled": True}}).find("ConfigMap", "codekiln-s3")["data"]
    assert settings["AWS_ENDPOINT_URL"] == "http://codekiln-s3.kubeflow.svc:8333"


def test_keys_are_named_as_the_secret_has_them() -> None:
    credentials = default_store({})["credentials"]
    assert credentials["fromEnv"] is False
    assert credentials["secretRef"].keys() == SECRET
    assert credentials["secretRef"]["accessKeyKey"] == "AWS_ACCESS_KEY_ID"
    assert credentials["secretRef"]["secretKeyKey"] == "AWS_SECRET_ACCESS_KEY"


def test_with_a_cloud_identity_keys_come_from_the_pod() -> None:
    credentials = default_store({"s3": {"credentials": {"from": "identity"}}})["credentials"]
    assert credentials == {"fromEnv": True}


def test_an_override_has_the_fields_that_kfp_reads_and_always_credentials() -> None:
    overrides = [
        {"bucketName": "one", "keyPrefix": "x", "endpoint": "http://h:9000", "region": "eu",
         "forcePathStyle": False, "secretName": "keys"},
        {"bucketName": "two"},
    ]  # fmt: skip
    first, second = launcher({"launcher": {"overrides": overrides}})[1]["overrides"]
    assert first.keys() <= OVERRIDE.keys()
    assert (first["endpoint"], first["disableSSL"]) == ("h:9000", True)
    assert first["forcePathStyle"] is False
    assert first["credentials"]["secretRef"]["secretName"] == "keys"
    assert second["credentials"] == {"fromEnv": True}


@pytest.mark.parametrize("values", [{"launcher": {"create": False}}, {"kfp": {"mode": "none"}}])
def test_it_is_left_alone_where_it_is_not_ours(values: dict[str, Any]) -> None:
    assert "kfp-launcher" not in rendered(values).names("ConfigMap")
