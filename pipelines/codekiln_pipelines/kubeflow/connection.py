"""A client of Kubeflow Pipelines: what this program asks of it, and its errors in one line each.

It speaks through kfp_server_api, the generated client under kfp.Client. kfp.Client itself prints
to standard output, keeps a context file in the home directory, and waits without a time limit.
"""

import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import port_forward
from codekiln_pipelines.kubeflow.access import API_PORT, Access
from codekiln_pipelines.kubeflow.errors import InTheWayError, in_one_line
from codekiln_pipelines.kubeflow.port_forward import Cluster, Service, Tunnel

TIMEOUT_S = (10, 60)
"""How long a connection, and an answer, may take."""
PAUSES_S = (0.5, 2.0)
"""Between the attempts of a request that may be repeated without harm."""
PAGE_SIZE = 200
"""The most that the server gives at once."""
EQUALS = "EQUALS"
INSTALL_CONFIG = "pipeline-install-config"
"""The ConfigMap in which an installation keeps its settings."""

Answer = TypeVar("Answer")


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run that is to be made."""

    name: str
    description: str
    experiment_id: str
    source: Mapping[str, Any]
    """The package, as Asked.package.source gives it."""
    arguments: Mapping[str, object]
    pipeline_root: str | None = None
    service_account: str | None = None


class Kubeflow:
    """One Kubeflow, asked by one user."""

    def __init__(self, access: Access, tunnel: Tunnel | None = None) -> None:
        """Make a client; nothing is sent yet."""
        # These take a quarter of a second to import.
        import kfp_server_api as api

        self.access = access
        self.api: Any = api
        """The generated client, for the bodies of requests."""
        self._tunnel = tunnel
        self._client: Any = api.ApiClient(self._configuration(access, tunnel))
        self.runs: Any = api.RunServiceApi(self._client)
        self.experiments: Any = api.ExperimentServiceApi(self._client)
        self.recurring_runs: Any = api.RecurringRunServiceApi(self._client)
        self.pipelines: Any = api.PipelineServiceApi(self._client)
        self.uploads: Any = api.PipelineUploadServiceApi(self._client)

    def _configuration(self, access: Access, tunnel: Tunnel | None) -> Any:
        told = self.api.Configuration(host=tunnel.address if tunnel else access.endpoint)
        # Whether to ask again is decided here, and a redirect is a page to log in.
        told.retries = False
        told.ssl_ca_cert = access.ca_file
        told.proxy = None if tunnel else access.proxy
        told.proxy_headers = proxy_headers(told.proxy)

        def renew(configuration: Any) -> None:
            configuration.api_key["authorization"] = access.token()

        if access.token() is not None:
            told.api_key = {"authorization": ""}
            told.api_key_prefix = {"authorization": "Bearer"}
            told.refresh_api_key_hook = renew
        return told

    def ask(self, call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        """Ask once; raises InputError or ServiceError, in one line."""
        from urllib3.exceptions import HTTPError

        try:
            answer = call(*arguments, **named, _request_timeout=TIMEOUT_S)
        except (self.api.ApiException, HTTPError, AttributeError) as error:
            told = in_one_line(error, self.access, self._tunnel.problem if self._tunnel else None)
            if told is None:
                raise
            raise told from error
        self._refuse_web_page()
        return answer

    @property
    def where(self) -> str:
        """Return where our requests go, in words."""
        return self.access.endpoint or "the port-forward"

    def _refuse_web_page(self) -> None:
        kind = self._client.last_response.getheader("content-type", "")
        if "json" not in kind:
            raise InputError(
                f"{self.where} answers with {kind or 'nothing'}, not as Kubeflow's API: "
                "a page to log in? give --token-file, or the address that ends in /pipeline"
            )

    def insist(self, call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        """Ask what can be asked twice without harm; a passing fault is met with patience."""
        for pause_s in PAUSES_S:
            with contextlib.suppress(ServiceError):
                return self.ask(call, *arguments, **named)
            time.sleep(pause_s)
        return self.ask(call, *arguments, **named)

    def once(self, make: Callable[[], Answer], find: Callable[[], Answer | None]) -> Answer:
        """Make a thing exactly once: after a fault, `find` tells whether it was made all the same.

        Raises what `make` raises, InputError at once and ServiceError after several attempts.
        """
        for pause_s in PAUSES_S:
            with contextlib.suppress(ServiceError):
                return make()
            time.sleep(pause_s)
            if (made := find()) is not None:
                return made
        try:
            return make()
        except ServiceError:
            if (made := find()) is not None:
                return made
            raise

    @cached_property
    def serves_many(self) -> bool:
        """Tell whether this Kubeflow keeps its users apart."""
        health = self.api.HealthzServiceApi(self._client)
        return bool(self.insist(health.healthz_service_get_healthz).multi_user)

    @cached_property
    def namespace(self) -> str | None:
        """Return the namespace to name in requests; raises InputError if one is wanted."""
        if not self.serves_many:
            return None
        if self.access.namespace is None:
            raise InputError(
                "this Kubeflow serves many users and wants to know your namespace: "
                "give --namespace NAME or set KFP_NAMESPACE"
            )
        return self.access.namespace

    @property
    def run_namespace(self) -> str:
        """Return the namespace in which pods run, as far as we know it."""
        with contextlib.suppress(ServiceError):
            if self.serves_many:
                return self.access.namespace or "YOUR-NAMESPACE"
        return self.access.kubeflow_namespace

    def install_setting(self, name: str) -> str | None:
        """Return a setting of this installation, where the cluster itself lets us look."""
        if self._tunnel is None:
            return None
        held = self._tunnel.cluster.config_map(self.access.kubeflow_namespace, INSTALL_CONFIG)
        return held.get(name)

    def last_words(self, run_id: str) -> dict[str, str]:
        """Return what failed pods of a run said last, where the cluster itself lets us look."""
        if self._tunnel is None:
            return {}
        return self._tunnel.cluster.last_words(self.run_namespace, run_id)

    def page(self, path: str) -> str:
        """Return the address of a page, or how to come to it where only the API is known."""
        if self.access.pages:
            return f"{self.access.pages}/#/{path}"
        forward = (
            f"kubectl --namespace {self.access.kubeflow_namespace} "
            "port-forward svc/ml-pipeline-ui 8080:80"
        )
        return f"http://localhost:8080/#/{path} (after: {forward})"

    def listed(self, call: Callable[..., Any], field: str, **named: Any) -> Iterator[Any]:
        """Yield every item of a list, page by page."""
        token = ""
        while True:
            answer = self.insist(call, page_token=token, page_size=PAGE_SIZE, **named)
            yield from getattr(answer, field) or []
            token = answer.next_page_token or ""
            if not token:
                return

    def experiment_id(self, name: str) -> str:
        """Return the id of the experiment `name`, made now if there is none."""
        found = self.find_experiment(name)
        if found is not None:
            return found
        wanted = self.api.V2beta1Experiment(display_name=name, namespace=self.namespace)
        make = self.experiments.experiment_service_create_experiment
        try:
            made = self.once(
                lambda: str(self.ask(make, experiment=wanted).experiment_id),
                lambda: self.find_experiment(name),
            )
        except InTheWayError:
            # Another process may have made it in the meantime.
            made = self.find_experiment(name) or ""
            if not made:
                raise
        return made

    def find_experiment(self, name: str) -> str | None:
        """Return the id of the experiment `name`, or None."""
        call = self.experiments.experiment_service_list_experiments
        named = {"filter": equals(display_name=name), **self.in_namespace}
        return next((str(e.experiment_id) for e in self.listed(call, "experiments", **named)), None)

    @property
    def in_namespace(self) -> dict[str, str]:
        """Return the namespace as an argument of a request, if it takes one."""
        return {"namespace": self.namespace} if self.namespace else {}

    def create_run(self, new: NewRun) -> str:
        """Start a run exactly once, and return its id."""
        body = self.api.V2beta1Run(
            experiment_id=new.experiment_id,
            display_name=new.name,
            description=new.description,
            pipeline_spec=new.source,
            runtime_config=self.runtime_config(new),
            service_account=new.service_account,
        )
        create, runs = self.runs.run_service_create_run, self.runs.run_service_list_runs
        named = {"experiment_id": new.experiment_id, "filter": equals(display_name=new.name)}
        return self.once(
            lambda: str(self.ask(create, run=body).run_id),
            lambda: next(
                (
                    str(run.run_id)
                    for run in self.listed(runs, "runs", **named)
                    if run.description == new.description
                ),
                None,
            ),
        )

    def runtime_config(self, new: NewRun) -> Any:
        """Return the part of a request that holds the arguments of a run."""
        return self.api.V2beta1RuntimeConfig(
            parameters=dict(new.arguments), pipeline_root=new.pipeline_root
        )


def proxy_headers(proxy: str | None) -> dict[str, str]:
    """Return what tells `proxy` who asks, if its address names a user."""
    from urllib3.util import make_headers

    parts = urlsplit(proxy or "")
    if parts.username is None:
        return {}
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return dict(make_headers(proxy_basic_auth=user))


def equals(**wanted: str) -> str:
    """Return a filter for fields that equal these values, as the API takes it.

    It is encoded as part of a URL, once more than HTTP does: the server decodes it twice.
    """
    predicates = [
        {"key": key, "operation": EQUALS, "string_value": value} for key, value in wanted.items()
    ]
    return quote(json.dumps({"predicates": predicates}))


@contextlib.contextmanager
def connected(access: Access) -> Iterator[Kubeflow]:
    """Yield a client of the Kubeflow at `access`; a port-forward lasts as long as this."""
    if access.endpoint is not None:
        if access.sends_token_in_the_clear:
            sys.stderr.write(f"the token goes unencrypted to {access.endpoint}; better use https\n")
        yield Kubeflow(access)
        return
    service = Service(access.kubeflow_namespace, "ml-pipeline", API_PORT)
    cluster = Cluster(access.kubeconfig, access.kube_context)
    with port_forward.opened(cluster, service) as tunnel:
        yield Kubeflow(access, tunnel)
