"""A Kubernetes API server, asked read by read; what may not be read says which right is missing."""

import dataclasses
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.doctor.finding import Check, Finding, warn
from codekiln_pipelines.kubeflow import kubeconfig
from codekiln_pipelines.kubeflow.access import IN_POD
from codekiln_pipelines.kubeflow.kubeconfig import HOME_CONFIG

TIMEOUT_S = (5, 10)
"""How long a connection, and an answer, may take."""
CLUSTER_READS = ("nodes", "storageclasses", "priorityclasses")
"""What belongs to no namespace, and the chart lets the doctor read on demand."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Right:
    """What an account may be allowed to do."""

    verb: str
    resource: str
    group: str = ""
    namespace: str | None = None
    """None for what belongs to no namespace, and for all namespaces."""
    name: str = ""

    def __str__(self) -> str:
        """Say it as RBAC does: `list nodes`."""
        named = f"{self.resource}/{self.name}" if self.name else self.resource
        return f"{self.verb} {named}" + (f" in {self.namespace}" if self.namespace else "")

    @property
    def remedy(self) -> str:
        """Return how to get it."""
        if self.resource in CLUSTER_READS and self.namespace is None:
            return "helm upgrade ... --set doctor.clusterRead=true, or ask who runs the cluster"
        kind = "role" if self.namespace else "clusterrole"
        place = f" --namespace {self.namespace}" if self.namespace else ""
        of = f"{self.resource}.{self.group}" if self.group else self.resource
        return (
            f"kubectl create {kind} codekiln-look{place} --verb={self.verb} --resource={of}, "
            "and bind it to this account"
        )


class ForbiddenError(InputError):
    """The account may not do that."""

    def __init__(self, right: Right) -> None:
        """Say which right is missing."""
        super().__init__(f"this account may not {right}")
        self.right = right


class AbsentError(InputError):
    """There is no such object, or no such kind of objects."""


class Kube:
    """One cluster, asked as one account about one namespace."""

    def __init__(self, context: str | None, namespace: str, *, in_pod: bool) -> None:
        """Use the kubeconfig's `context`, or in a pod its service account; nothing is read yet."""
        self.namespace, self._context, self._in_pod = namespace, context, in_pod
        self._lock = threading.Lock()
        self._api: Any = None

    @property
    def api(self) -> Any:
        """Return the client, made now; raises InputError if nothing leads to a cluster."""
        with self._lock:
            if self._api is None:
                self._api = self._connected()
            return self._api

    def _connected(self) -> Any:
        # The Kubernetes client takes a second to import: only who asks a cluster pays for it.
        from kubernetes import client, config

        told = client.Configuration()
        # One attempt: what does not answer is a finding.
        told.retries = False
        try:
            if self._in_pod:
                config.load_incluster_config(client_configuration=told)
            else:
                # The client reads this variable when it is imported, and never again.
                path = os.environ.get("KUBECONFIG") or HOME_CONFIG
                kubeconfig.load(path, self._context, told, persist=False)
        except (config.ConfigException, OSError, InputError) as error:
            why = " ".join(str(error).split())
            wanted = "mount a service account token" if self._in_pod else "set KUBECONFIG"
            raise InputError(f"no way to a cluster ({why}); give --context, or {wanted}") from error
        return client.ApiClient(told)

    def of(self, kind: str) -> Any:
        """Return the part of the API that the client calls `kind`: CoreV1Api, say."""
        from kubernetes import client

        return getattr(client, kind)(self.api)

    def ask(self, right: Right, call: Callable[..., Any], *words: Any, **named: Any) -> Any:
        """Ask what takes `right`; raises ForbiddenError, AbsentError, InputError, ServiceError."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        try:
            return call(*words, **named, _request_timeout=TIMEOUT_S)
        except ApiException as error:
            raise refused(error, right) from error
        except HTTPError as error:
            reason = getattr(error, "reason", None) or error
            raise ServiceError(
                f"the cluster at {self.api.configuration.host} does not answer "
                f"({type(reason).__name__}); check the context, and the VPN or network to it"
            ) from error


def refused(error: Any, right: Right) -> InputError | ServiceError:
    """Return what an answer of the API server that is no success means."""
    status = error.status or 0
    if status == 403:
        return ForbiddenError(right)
    if status == 404:
        flag = "--namespace" if right.namespace else "--context"
        return AbsentError(f"the cluster has no {right.resource}/{right.name or '*'}; check {flag}")
    if status == 401:
        return InputError(
            "the cluster does not know this account (401); renew the credentials of the kubeconfig"
        )
    if status == 0:
        # No answer at all: the client says so in the reason, TLS most of all.
        told = " ".join(str(error.reason).split())
        return ServiceError(f"the cluster cannot be reached ({told}); check the context")
    return ServiceError(f"the cluster answers {status} {error.reason} to {right}; wait, try again")


def is_configured(environ: Mapping[str, str]) -> bool:
    """Say whether there is a kubeconfig at all."""
    told = environ.get("KUBECONFIG")
    paths = told.split(os.pathsep) if told else [HOME_CONFIG]
    return any(Path(path).expanduser().is_file() for path in paths if path)


def is_pod() -> bool:
    """Say whether this is a pod."""
    return IN_POD in os.environ


def checked(
    name: str, look: Callable[[], Finding], *, gates: bool = False, remedy: str = ""
) -> Check:
    """Return a check whose missing right is a warning that names it."""

    def lenient() -> Finding:
        try:
            return look()
        except ForbiddenError as error:
            return warn(f"not looked at: {error}", error.right.remedy)

    fallback = remedy or "kubectl config get-contexts, and give the right one with --context"
    return Check(name=name, look=lenient, gates=gates, remedy=fallback)
