"""What the chart puts into a namespace: accounts, secrets, settings; keys, never values."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from codekiln.core import address
from codekiln_pipelines.doctor.finding import Check, Finding, State, fail, ok, warn
from codekiln_pipelines.doctor.kube import AbsentError, ForbiddenError, Kube, Right, checked

S3 = "codekiln-s3"
RUNNER = "codekiln-runner"
LAUNCHER = "kfp-launcher"
SECRET_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
SETTING_KEYS = ("AWS_ENDPOINT_URL", "AWS_REGION")
REFERENCE = ("secretName", "accessKeyKey", "secretKeyKey")
INSTALL = "helm upgrade --install codekiln helm/codekiln"


def checks(kube: Kube) -> list[Check]:
    """Return the checks of the objects in a namespace."""
    return [
        checked("cluster.account", lambda: account(kube)),
        checked("cluster.secret", lambda: secret(kube)),
        checked("cluster.s3", lambda: settings(kube)),
        checked("cluster.launcher", lambda: launcher(kube)),
    ]


def account(kube: Kube) -> Finding:
    """Look for the account of pipeline steps."""
    right = _right(kube, "serviceaccounts", RUNNER)
    try:
        kube.ask(
            right, kube.of("CoreV1Api").read_namespaced_service_account, RUNNER, kube.namespace
        )
    except AbsentError:
        return fail(
            f"no ServiceAccount {RUNNER} in {kube.namespace}",
            f"{INSTALL} --namespace {kube.namespace}",
        )
    return ok(f"ServiceAccount {RUNNER}")


def secret(kube: Kube) -> Finding:
    """Look whether the Secret of the store has its keys, and something under each."""
    right = _right(kube, "secrets", S3)
    try:
        found = kube.ask(right, kube.of("CoreV1Api").read_namespaced_secret, S3, kube.namespace)
    except AbsentError:
        if store_secret(kube) is None:
            return ok(f"no Secret {S3}, and none is wanted: {LAUNCHER} leaves keys to the pods")
        return warn(
            f"no Secret {S3} in {kube.namespace}: steps need it unless their pods have an identity",
            f"{_create_secret(kube)}, or give {RUNNER} a workload identity",
        )
    return judged_secret(found.data or {}, kube)


def judged_secret(data: Mapping[str, str], kube: Kube) -> Finding:
    """Judge the keys of the Secret; values are looked at for being there, and forgotten."""
    missing = [key for key in SECRET_KEYS if key not in data]
    if missing:
        there = ", ".join(sorted(data)) or "none"
        return fail(
            f"Secret {S3} lacks {', '.join(missing)} (it has: {there})",
            f"kubectl delete secret {S3} --namespace {kube.namespace} && {_create_secret(kube)}",
        )
    untidy = [key for key in SECRET_KEYS if _is_untidy(data[key])]
    if untidy:
        return fail(
            f"{', '.join(untidy)} of Secret {S3} is empty, or has spaces or a line end around it",
            "create it anew, with echo -n or --from-literal: a line end becomes part of the key",
        )
    return ok(f"Secret {S3} has {', '.join(SECRET_KEYS)}")


def _is_untidy(encoded: str) -> bool:
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return True
    return not value or value.strip() != value


def _create_secret(kube: Kube) -> str:
    literals = " ".join(f"--from-literal={key}=..." for key in SECRET_KEYS)
    return f"kubectl create secret generic {S3} --namespace {kube.namespace} {literals}"


def settings(kube: Kube) -> Finding:
    """Look whether the ConfigMap of the store says where it is."""
    right = _right(kube, "configmaps", S3)
    create = (
        f"kubectl create configmap {S3} --namespace {kube.namespace} "
        "--from-literal=AWS_ENDPOINT_URL=https://HOST:PORT --from-literal=AWS_REGION=us-east-1"
    )
    try:
        found = kube.ask(right, kube.of("CoreV1Api").read_namespaced_config_map, S3, kube.namespace)
    except AbsentError:
        return warn(
            f"no ConfigMap {S3} in {kube.namespace}: steps then take AWS for their store", create
        )
    data = found.data or {}
    secrets = sorted(set(data) & {*SECRET_KEYS, "AWS_SESSION_TOKEN"})
    if secrets:
        return fail(
            f"ConfigMap {S3} holds {', '.join(secrets)}, which everybody may read there",
            f"move it into the Secret {S3}, and renew the key",
        )
    endpoint = data.get("AWS_ENDPOINT_URL")
    if endpoint is not None and not _is_address(endpoint):
        return fail(
            f"AWS_ENDPOINT_URL of ConfigMap {S3} is no address", "make it http(s)://HOST:PORT"
        )
    if "AWS_REGION" not in data:
        return warn(f"ConfigMap {S3} lacks AWS_REGION", f"kubectl edit configmap {S3}: us-east-1")
    return ok(f"ConfigMap {S3}: {endpoint or 'AWS itself'}, region {data['AWS_REGION']}")


def _is_address(url: str) -> bool:
    return address.is_http(url) and urlsplit(url).username is None


def launcher(kube: Kube) -> Finding:
    """Look whether KFP's launcher finds its settings, and can read them."""
    data = launcher_data(kube)
    if data is None:
        return warn(
            f"no ConfigMap {LAUNCHER} in {kube.namespace}: Kubeflow then uses its own store",
            f"{INSTALL} --namespace {kube.namespace} --set launcher.create=true",
        )
    found = judged_launcher(data)
    return found if found.state is State.FAIL else judged_reference(kube, data) or found


def judged_reference(kube: Kube, data: Mapping[str, str]) -> Finding | None:
    """Judge the Secret that the store of KFP's launcher names; None if it is well, or not ours."""
    credentials = credentials_of(data)
    told = credentials.get("secretRef")
    if not told or credentials.get("fromEnv"):
        return None
    name, keys = told["secretName"], (told["accessKeyKey"], told["secretKeyKey"])
    read = kube.of("CoreV1Api").read_namespaced_secret
    try:
        found = kube.ask(_right(kube, "secrets", name), read, name, kube.namespace)
    except ForbiddenError:
        return None
    except AbsentError:
        return fail(
            f"{LAUNCHER} names Secret {name}, which is not in {kube.namespace}",
            f"create it with the keys {', '.join(keys)}, or name another in {LAUNCHER}",
        )
    missing = [key for key in keys if key not in (found.data or {})]
    if missing:
        return fail(
            f"{LAUNCHER} names {', '.join(missing)} of Secret {name}, which lacks it",
            f"kubectl edit configmap {LAUNCHER} --namespace {kube.namespace}",
        )
    return None


def credentials_of(data: Mapping[str, str]) -> dict[str, Any]:
    """Return what the settings of KFP's launcher say of the keys of its store; empty if nothing.

    Of settings that the launcher could not read either: `judged_launcher` tells of those.
    """
    if judged_launcher(data).state is State.FAIL:
        return {}
    provider = (yaml.safe_load(data.get("providers", "")) or {}).get("s3") or {}
    return dict((provider.get("default") or {}).get("credentials") or {})


def store_secret(kube: Kube) -> str | None:
    """Return the Secret from which KFP's launcher takes keys, None where pods have an identity."""
    try:
        credentials = credentials_of(launcher_data(kube) or {})
    except ForbiddenError:
        return S3
    if credentials.get("fromEnv"):
        return None
    return str((credentials.get("secretRef") or {}).get("secretName") or S3)


def launcher_data(kube: Kube) -> dict[str, str] | None:
    """Return the settings of KFP's launcher, None if there are none."""
    right = _right(kube, "configmaps", LAUNCHER)
    read = kube.of("CoreV1Api").read_namespaced_config_map
    try:
        return dict(kube.ask(right, read, LAUNCHER, kube.namespace).data or {})
    except AbsentError:
        return None


def pipeline_root(kube: Kube) -> str | None:
    """Return where Kubeflow keeps artifacts, if a store is named; raises as `kube.ask` does."""
    return (launcher_data(kube) or {}).get("defaultPipelineRoot") or None


def judged_launcher(data: Mapping[str, str]) -> Finding:
    """Judge what `kfp-launcher` says, as KFP's backend/src/v2/config reads it."""
    edit = f"kubectl edit configmap {LAUNCHER}"
    root = data.get("defaultPipelineRoot", "")
    parts = urlsplit(root)
    if root and (parts.scheme not in ("s3", "minio", "gs") or not parts.netloc):
        return fail(f"defaultPipelineRoot is {root!r}, no place", f"{edit}: s3://BUCKET/PREFIX")
    try:
        providers = yaml.safe_load(data.get("providers", "")) or {}
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        return fail(f"providers of {LAUNCHER} is no YAML (line {line})", f"{edit}: mend that line")
    problem = _problem_of(providers)
    if problem:
        return fail(f"providers of {LAUNCHER}: {problem}", edit)
    known = ", ".join(sorted(providers)) or "KFP's own"
    return ok(f"artifacts go to {root or 'the default of Kubeflow'}; stores told of: {known}")


def _problem_of(providers: Any) -> str:
    """Return what the launcher would stumble over, "" if nothing."""
    if not isinstance(providers, dict):
        return "a mapping of s3, minio or gs is wanted"
    unknown = sorted(set(providers) - {"s3", "minio", "gs"})
    if unknown:
        return f"{unknown[0]} is none of s3, minio, gs"
    for name, provider in providers.items():
        if not isinstance(provider, dict):
            return f"{name} is no mapping"
        if name != "gs" and (problem := _problem_of_store(provider)):
            return f"{name} {problem}"
    return ""


def _misshapen(default: Any, overrides: Any) -> str:
    """Return which part of a provider has not the form that the launcher reads, "" if none."""
    if not isinstance(overrides, list):
        return "has overrides that are no list"
    for told in (default, *overrides):
        if not isinstance(told, dict):
            return "has a store that is no mapping"
        credentials = told.get("credentials") or {}
        if not (
            isinstance(credentials, dict) and isinstance(credentials.get("secretRef") or {}, dict)
        ):
            return "has credentials that are no mapping"
    return ""


def _problem_of_store(provider: dict[str, Any]) -> str:
    default = provider.get("default") or {}
    overrides = provider.get("overrides") or provider.get("Overrides") or []
    if problem := _misshapen(default, overrides):
        return problem
    if not default and not overrides:
        return ""
    if not default.get("credentials"):
        return "lacks default.credentials"
    for told in (default, *overrides):
        credentials = told.get("credentials") or {}
        reference = credentials.get("secretRef") or {}
        missing = [key for key in REFERENCE if not reference.get(key)]
        if not credentials.get("fromEnv") and missing:
            of = f"overrides of {told['bucketName']}" if "bucketName" in told else "default"
            return f"{of} has neither fromEnv: true nor secretRef.{missing[0]}"
    return ""


def _right(kube: Kube, resource: str, name: str) -> Right:
    return Right(verb="get", resource=resource, namespace=kube.namespace, name=name)
