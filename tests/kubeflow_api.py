"""A stand-in for the REST API of Kubeflow Pipelines 2.17, for tests of what talks to it.

It refuses what the real server refuses (see kubeflow_rules), pages its lists, keeps users apart
in multi-user mode, and can be told to fail, to lose connections and to let tokens expire. A run
goes through the frames of `plan`, one each time that somebody looks.
"""

import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from kubeflow_rules import (
    RefusedError,
    check_arguments,
    check_recurring,
    documents,
    require,
)
from kubeflow_store import Pipelines, keep, known_fields, stamp
from kubeflow_wire import Fault, Handler, Json, Request

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "/apis/v2beta1"
EPOCH = "1970-01-01T00:00:00Z"
ENDED = {"SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"}


@dataclass(frozen=True)
class Frame:
    """What a run looks like for a while: its state, and those of tasks by name."""

    state: str
    tasks: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)


class KubeflowApi(Pipelines):
    """One server on the loopback address, and everything it knows."""

    def __init__(self, *, multi_user: bool = False) -> None:
        super().__init__()
        self.multi_user = multi_user
        self.tokens: set[str] | None = None
        """Tokens that are taken; None asks for none."""
        self.namespaces = {"team-a"}
        """Namespaces in which the user may do things."""
        self.plan: list[Frame] = [Frame("SUCCEEDED")]
        self.experiments: dict[str, Json] = {}
        self.runs: dict[str, Json] = {}
        self.recurring: dict[str, Json] = {}
        self.deletions: list[str] = []
        """The propagation policy of each deletion."""
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.on_request: Callable[[Request], None] = lambda _: None
        self.delay_s = 0.0
        self._lock = threading.RLock()
        self._frames: dict[str, list[Frame]] = {}

    def __enter__(self) -> Self:
        handler = type("Handler", (Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return the address to give as an endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def asked(self, method: str, path: str) -> list[Request]:
        """Return the requests with that method to paths that match."""
        return [r for r in self.requests if r.method == method and re.search(path, r.path)]

    def fault_for(self, request: Request) -> Fault | None:
        """Take the fault that is due for `request`, if any."""
        for fault in self.faults:
            if fault.path in f"{request.method} {request.path}" and fault.times:
                if fault.after:
                    fault.after -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def answer(self, request: Request) -> Json:
        """Do what `request` asks for; raises RefusedError."""
        with self._lock:
            for method, pattern, route in ROUTES:
                found = re.fullmatch(BASE + pattern, request.path)
                if found and method == request.method:
                    if pattern != "/healthz":
                        self._authenticate(request)
                    told: Json = getattr(self, route)(request, *found.groups())
                    return told
            raise RefusedError(404, "Not Found")

    def _authenticate(self, request: Request) -> None:
        if self.tokens is None:
            return
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        require(
            token in self.tokens,
            "Failed to check authorization. User identity is empty in the request header",
            401,
        )

    def namespace(self, told: str | None, what: str) -> str:
        """Return the namespace that counts, and refuse one that is not the user's."""
        if not self.multi_user:
            return ""
        require(told, f"{what} cannot have an empty namespace in multi-user mode")
        require(told in self.namespaces, "User 'user@example.com' is not authorized", 403)
        return told or ""

    def health(self, _: Request) -> Json:
        return {"commit_sha": "07b70c7b", "tag_name": "2.17.0", "multi_user": self.multi_user}

    def create_experiment(self, request: Request) -> Json:
        body = known_fields(request.json, {"display_name", "description", "namespace"})
        require(body.get("display_name"), "Experiment must have a non-empty name", 500)
        namespace = self.namespace(body.get("namespace"), "An experiment")
        for other in self.experiments.values():
            same = (other["display_name"], other["namespace"])
            taken = same == (body["display_name"], namespace)
            require(not taken, f"The name {body['display_name']} already exists", 409)
        return keep(
            self.experiments,
            "experiment_id",
            {**body, "namespace": namespace, "storage_state": "AVAILABLE"},
        )

    def list_experiments(self, request: Request) -> Json:
        namespace = self.namespace(request.query.get("namespace"), "An experiment")
        found = [e for e in self.experiments.values() if e["namespace"] == namespace]
        return self._page(request, found, "experiments")

    def _experiment(self, body: Json, what: str) -> Json:
        told = body.get("experiment_id")
        if not told:
            require(not self.multi_user, "Experiment id can not be empty in multi-user mode")
            return {"experiment_id": "default", "namespace": ""}
        require(told in self.experiments, f"Experiment {told} not found", 404)
        found = self.experiments[told]
        self.namespace(found["namespace"], what)
        return found

    def _checked_source(self, body: Json) -> None:
        spec, _ = documents(body["pipeline_spec"])
        check_arguments(spec, body.get("runtime_config", {}).get("parameters", {}))

    def create_run(self, request: Request) -> Json:
        body = known_fields(request.json, RUN_FIELDS)
        require(body.get("display_name"), "The run name is empty. Please specify a valid name")
        experiment = self._experiment(body, "A run")
        self._checked_source(body)
        run = keep(self.runs, "run_id", {**body, "state": "PENDING", "finished_at": EPOCH})
        run["experiment_id"] = experiment["experiment_id"]
        run["state_history"] = [{"update_time": stamp(), "state": "PENDING"}]
        self._frames[run["run_id"]] = list(self.plan)
        return run

    def get_run(self, _: Request, run_id: str) -> Json:
        require(run_id in self.runs, f"Run {run_id} not found", 404)
        run, frames = self.runs[run_id], self._frames[run_id]
        frame = frames.pop(0) if len(frames) > 1 else frames[0]
        if frame.state != run["state"]:
            run["state"] = frame.state
            run["state_history"].append({"update_time": stamp(), "state": frame.state})
        if frame.state in ENDED:
            run["finished_at"] = stamp()
        if frame.tasks:
            details = [self._task(run_id, frame, name) for name in sorted(frame.tasks)]
            run["run_details"] = {"task_details": details}
        return run

    def _task(self, run_id: str, frame: Frame, name: str) -> Json:
        state = frame.tasks[name]
        begun = state != "RUNTIME_STATE_UNSPECIFIED"
        # Seconds apart, by the order in the frame: a later task began later.
        start = datetime.now(UTC) + timedelta(seconds=list(frame.tasks).index(name))
        task: Json = {
            "run_id": run_id,
            "task_id": str(uuid.uuid4()),
            "display_name": name.partition("#")[0],
            "create_time": stamp(),
            "start_time": stamp(start) if begun else EPOCH,
            "end_time": stamp(start + timedelta(seconds=187)) if state in ENDED else EPOCH,
            "child_tasks": [{"pod_name": f"history-abcde-{len(name)}"}],
        }
        if begun:
            task["state"] = state
        if name in frame.messages:
            task["error"] = {"code": 13, "message": frame.messages[name]}
        return task

    def list_runs(self, request: Request) -> Json:
        experiment = request.query.get("experiment_id")
        if not experiment:
            self.namespace(request.query.get("namespace"), "A run")
        found = [r for r in self.runs.values() if experiment in (None, r["experiment_id"])]
        return self._page(request, found, "runs")

    def terminate(self, _: Request, run_id: str) -> Json:
        require(run_id in self.runs, f"Run {run_id} not found", 404)
        live = self.runs[run_id]["state"] in {"PENDING", "RUNNING", "PAUSED"}
        require(live, f"Failed to terminate a run {run_id}. Row not found")
        self._frames[run_id] = [Frame("CANCELING"), Frame("CANCELED")]
        return {}

    def create_recurring(self, request: Request) -> Json:
        body = known_fields(request.json, RECURRING_FIELDS)
        check_recurring(body)
        experiment = self._experiment(body, "A recurring run")
        self._checked_source(body)
        mode = body.pop("mode", "MODE_UNSPECIFIED")
        status = "ENABLED" if mode == "ENABLE" else "DISABLED"
        return keep(
            self.recurring,
            "recurring_run_id",
            {**body, "status": status, "namespace": experiment["namespace"]},
        )

    def list_recurring(self, request: Request) -> Json:
        namespace = self.namespace(request.query.get("namespace"), "A recurring run")
        found = [r for r in self.recurring.values() if r["namespace"] == namespace]
        return self._page(request, found, "recurringRuns")

    def switch_recurring(self, _: Request, recurring_id: str, verb: str) -> Json:
        require(recurring_id in self.recurring, f"RecurringRun {recurring_id} not found", 404)
        self.recurring[recurring_id]["status"] = f"{verb.upper()}D"
        return {}

    def delete_recurring(self, request: Request, recurring_id: str) -> Json:
        require(recurring_id in self.recurring, f"RecurringRun {recurring_id} not found", 404)
        self.deletions.append(request.query.get("propagation_policy", "BACKGROUND"))
        del self.recurring[recurring_id]
        return {}


RUN_FIELDS = {
    "experiment_id", "display_name", "description", "pipeline_spec", "runtime_config",
    "service_account", "pipeline_version_reference",
}  # fmt: skip
RECURRING_FIELDS = RUN_FIELDS | {"max_concurrency", "no_catchup", "trigger", "mode", "namespace"}
ROUTES = [
    ("GET", "/healthz", "health"),
    ("POST", "/experiments", "create_experiment"),
    ("GET", "/experiments", "list_experiments"),
    ("POST", "/runs", "create_run"),
    ("GET", "/runs", "list_runs"),
    ("GET", "/runs/([^/:]+)", "get_run"),
    ("POST", "/runs/([^/:]+):terminate", "terminate"),
    ("POST", "/recurringruns", "create_recurring"),
    ("GET", "/recurringruns", "list_recurring"),
    ("POST", "/recurringruns/([^/:]+):(enable|disable)", "switch_recurring"),
    ("DELETE", "/recurringruns/([^/:]+)", "delete_recurring"),
    ("POST", "/pipelines/upload_version", "upload_version"),
    ("POST", "/pipelines", "create_pipeline"),
    ("GET", "/pipelines", "list_pipelines"),
    ("GET", "/pipelines/([^/:]+)/versions", "list_versions"),
    ("GET", "/pipelines/([^/:]+)/versions/([^/:]+)", "get_version"),
]
