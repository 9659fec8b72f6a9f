"""A stand-in for the API server of Kubernetes: over HTTP, with the answers of the real one.

    with kubernetes_server.serving() as cluster:
        cluster.put("nodes", kubernetes_objects.node("cpu-1"))
        cluster.forbid("list", "storageclasses")
        cluster.write_kubeconfig(path)

It knows objects by their names, lists, creates and deletes them, reviews rights, and refuses as the
real one does: 401, 403 and 404 with a Status object, and plain text where it knows no such kind.
"""

import contextlib
import dataclasses
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
TOKEN = "planted-cluster-token-51c0"  # noqa: S105 -- of a server that lives for one test
USER = "dev"

KINDS: Mapping[str, tuple[str, str, str]] = {
    "nodes": ("", "v1", "Node"),
    "namespaces": ("", "v1", "Namespace"),
    "pods": ("", "v1", "Pod"),
    "secrets": ("", "v1", "Secret"),
    "configmaps": ("", "v1", "ConfigMap"),
    "serviceaccounts": ("", "v1", "ServiceAccount"),
    "resourcequotas": ("", "v1", "ResourceQuota"),
    "limitranges": ("", "v1", "LimitRange"),
    "storageclasses": ("storage.k8s.io", "v1", "StorageClass"),
    "priorityclasses": ("scheduling.k8s.io", "v1", "PriorityClass"),
    "localqueues": ("kueue.x-k8s.io", "v1beta1", "LocalQueue"),
}
"""Group, version and kind of each resource."""
PATH = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v\w+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<resource>[a-z]+)(?:/(?P<name>[^/]+))?$"
)
VERSION = {
    "major": "1",
    "minor": "33",
    "gitVersion": "v1.33.1",
    "gitCommit": "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828",
    "gitTreeState": "clean",
    "buildDate": "2025-05-15T08:19:08Z",
    "goVersion": "go1.24.2",
    "compiler": "gc",
    "platform": "linux/amd64",
}
VERBS = {"GET": "get", "POST": "create", "DELETE": "delete"}


@dataclasses.dataclass(frozen=True)
class Asked:
    """One request."""

    verb: str
    resource: str
    namespace: str | None
    name: str | None


class Cluster:
    """What the server knows; tests change it as they like."""

    def __init__(self) -> None:
        """Begin with nothing in it."""
        self.version: Document = {**VERSION}
        self.objects: dict[str, list[Document]] = {}
        self.forbidden: set[tuple[str, str]] = set()
        self.denied: set[tuple[str, str]] = set()
        """Verb and resource of what a review of rights says no to."""
        self.pod_states: list[Document] = []
        """The status of a created pod, one each time that it is read; the last one stays."""
        self.delay_s = 0.0
        self.asked: list[Asked] = []
        self.address = ""

    def put(self, resource: str, document: Document) -> None:
        """Add or replace an object."""
        name = document["metadata"]["name"]
        kept = [o for o in self.objects.get(resource, []) if o["metadata"]["name"] != name]
        self.objects[resource] = [*kept, document]

    def remove(self, resource: str, name: str) -> None:
        """Take an object away."""
        self.objects[resource] = [
            o for o in self.objects.get(resource, []) if o["metadata"]["name"] != name
        ]

    def forbid(self, verb: str, resource: str) -> None:
        """Refuse `verb` on `resource` from now on, and say so in reviews."""
        self.forbidden.add((verb, resource))
        self.denied.add((verb, resource))

    def write_kubeconfig(self, path: Path, context: str = "test", token: str = TOKEN) -> Path:
        """Write a kubeconfig that leads here."""
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        }
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: Cluster

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_GET  # noqa: N815 -- the names that http.server calls

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.cluster.delay_s)
        path = self.path.split("?")[0].rstrip("/")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if (scheme.lower(), token) != ("bearer", TOKEN):
            self._refuse(401, "Unauthorized", "Unauthorized", {})
        elif path == "/version":
            self._send(200, self.cluster.version)
        elif found := PATH.match(path):
            self._of(found, json.loads(body or b"{}"))
        else:
            self._not_known()

    def _of(self, found: re.Match[str], body: Document) -> None:
        resource, name = found["resource"], found["name"]
        verb = "list" if self.command == "GET" and name is None else VERBS[self.command]
        self.cluster.asked.append(Asked(verb, resource, found["namespace"], name))
        if resource.endswith("accessreviews"):
            self._review(resource, verb, body)
        elif KINDS.get(resource, ("", "", ""))[:2] != (found["group"] or "", found["version"]):
            self._not_known()
        elif (verb, resource) in self.cluster.forbidden:
            self._forbid(verb, resource, found["namespace"], name)
        elif verb == "list":
            self._list(resource, found["namespace"])
        elif verb == "create":
            self._create(resource, found["namespace"], body)
        else:
            self._one(verb, resource, found["namespace"], name)

    def _review(self, resource: str, verb: str, body: Document) -> None:
        if (verb, resource) in self.cluster.forbidden:
            self._forbid(verb, resource, None, None)
            return
        told = body["spec"]["resourceAttributes"]
        named = "/".join(filter(None, (told["resource"], told.get("subresource"))))
        allowed = (told["verb"], named) not in self.cluster.denied
        self._send(201, {**body, "status": {"allowed": allowed}})

    def _list(self, resource: str, namespace: str | None) -> None:
        group, version, kind = KINDS[resource]
        items = [
            o
            for o in self.cluster.objects.get(resource, [])
            if namespace in (None, o["metadata"].get("namespace"))
        ]
        api_version = f"{group}/{version}" if group else version
        self._send(
            200,
            {"kind": f"{kind}List", "apiVersion": api_version, "metadata": {}, "items": items},
        )

    def _create(self, resource: str, namespace: str | None, body: Document) -> None:
        body["metadata"]["namespace"] = namespace
        self.cluster.put(resource, {**body, "status": {"phase": "Pending"}})
        self._send(201, body)

    def _one(self, verb: str, resource: str, namespace: str | None, name: str) -> None:
        for found in self.cluster.objects.get(resource, []):
            if found["metadata"]["name"] == name and namespace in (
                None,
                found["metadata"].get("namespace"),
            ):
                if verb == "delete":
                    self.cluster.remove(resource, name)
                elif resource == "pods" and self.cluster.pod_states:
                    states = self.cluster.pod_states
                    found["status"] = states.pop(0) if len(states) > 1 else states[0]
                self._send(200, found)
                return
        message = f'{resource} "{name}" not found'
        self._refuse(404, "NotFound", message, {"name": name, "kind": resource})

    def _forbid(self, verb: str, resource: str, namespace: str | None, name: str | None) -> None:
        of, _, _ = KINDS.get(resource, ("authorization.k8s.io", "", ""))
        scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        message = (
            f'{resource} is forbidden: User "{USER}" cannot {verb} resource "{resource}" in API '
            f'group "{of}" {scope}'
        )
        self._refuse(403, "Forbidden", message, {"name": name, "kind": resource})

    def _refuse(self, code: int, reason: str, message: str, details: Document) -> None:
        status = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "details": details, "code": code,
        }  # fmt: skip
        self._send(code, status)

    def _not_known(self) -> None:
        self._write(404, "text/plain; charset=utf-8", b"404 page not found\n")

    def _send(self, code: int, document: Document) -> None:
        self._write(code, "application/json", json.dumps(document).encode())

    def _write(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)


@contextlib.contextmanager
def serving(certificate: tuple[Path, Path] | None = None) -> Iterator[Cluster]:
    """Yield a cluster that is served on loopback, over TLS with a `certificate` and its key."""
    cluster = Cluster()
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    cluster.address = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
