"""Kubeflow Pipelines: whether it answers, which one it is, whether it knows us."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from codekiln.core.errors import InputError
from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn
from codekiln_pipelines.kubeflow import connection
from codekiln_pipelines.kubeflow.access import Access

TO_USE_IT = "to use it set KFP_ENDPOINT, or give --endpoint URL or --port-forward"
PLACES_PODS = (2, 5)
"""The first that takes node selectors and tolerations from parameters, see KFP's CHANGELOG."""
CHECKS_CHOICES = (2, 16)
"""The first that checks a parameter against its literals."""
SLOW_S = 2.0


class Kubeflow:
    """The checks of one Kubeflow; the first of them makes the client."""

    def __init__(self, access: Callable[[], Access | None]) -> None:
        """Look at the Kubeflow of `access`, None if none is told; it may raise InputError."""
        self._access = access
        self._open = contextlib.ExitStack()
        self._client: connection.Kubeflow | None = None

    @property
    def client(self) -> connection.Kubeflow:
        """Return the client; only after the gate."""
        if self._client is None:
            raise InputError("no Kubeflow is connected")
        return self._client

    def settings(self) -> Finding:
        """Find out where it is and who asks."""
        access = self._access()
        if access is None:
            return skip("not configured: local runs need none", TO_USE_IT)
        self._client = self._open.enter_context(connection.connected(access))
        where = access.endpoint or f"a port-forward into {access.kubeflow_namespace}"
        token = f"token from {access.token_source}" if access.token() else "no token"
        return ok(f"{where}, {token}")

    def health(self) -> Finding:
        """Ask how it is."""
        import kfp_server_api

        api: Any = kfp_server_api.HealthzServiceApi(self.client.runs.api_client)
        began = time.monotonic()
        self.client.ask(api.healthz_service_get_healthz)
        took = time.monotonic() - began
        answer = self.client.runs.api_client.last_response.data
        return judged_health(json.loads(answer), took)

    def token(self) -> Finding:
        """Ask for what only who is known may see."""
        listing = self.client.experiments.experiment_service_list_experiments
        self.client.ask(listing, page_size=1, **self.client.in_namespace)
        where = f" in {self.client.namespace}" if self.client.namespace else ""
        given = "the token is accepted" if self.client.access.token() else "no token is wanted"
        return ok(f"{given}; experiments can be listed{where}")

    def close(self) -> None:
        """End the port-forward, if there is one."""
        self._open.close()


def subject(access: Callable[[], Access | None], *, asked: bool) -> Subject:
    """Return the checks of the Kubeflow of `access`."""
    of = Kubeflow(access)
    there = "look at --endpoint, and whether the pods of Kubeflow run: kubectl -n kubeflow get pods"
    known = "look at --namespace and the token: --token-file or KFP_TOKEN"
    return Subject(
        name="kubeflow",
        asked=asked,
        close=of.close,
        checks=[
            Check(name="kubeflow.settings", look=of.settings, gates=True, remedy=there),
            Check(name="kubeflow.health", look=of.health, gates=True, remedy=there),
            Check(name="kubeflow.token", look=of.token, remedy=known),
        ],
    )


def judged_health(told: dict[str, Any], took_s: float) -> Finding:
    """Judge what the API server, or the pages before it, say of themselves."""
    if told.get("apiServerReady") is False:
        return fail(
            "the pages of Kubeflow answer, but their API server does not",
            "kubectl -n kubeflow rollout status deployment/ml-pipeline",
        )
    # The pages prefix what they pass on.
    version = str(told.get("tag_name") or told.get("apiServerTagName") or "unknown")
    many = "one namespace a user" if told.get("multi_user") else "one namespace for all"
    line = f"version {version}, {many}, {took_s * 1000:.0f} ms"
    if (number := version_of(version)) and number < PLACES_PODS:
        return fail(
            f"{line}: it cannot place pods as a run asks",
            f"upgrade Kubeflow Pipelines to {_dotted(CHECKS_CHOICES)} or newer",
        )
    if number and number < CHECKS_CHOICES:
        return warn(
            f"{line}: it does not check choices of parameters",
            f"upgrade Kubeflow Pipelines to {_dotted(CHECKS_CHOICES)} or newer",
        )
    if took_s > SLOW_S:
        return warn(f"{line}: slow", "look at the load of its API server, and at the network")
    return ok(line)


def version_of(text: str) -> tuple[int, int] | None:
    """Read the first two numbers of a version; None where it has none, as a build of a branch."""
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
