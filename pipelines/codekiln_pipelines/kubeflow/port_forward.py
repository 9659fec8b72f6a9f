"""A way to a service inside a cluster, for this machine only: what `kubectl port-forward` does.

Every connection to the local port opens its own stream to a pod of the service, chosen then, so
that a pod which dies costs the requests under way and no more: the next one finds the new pod.
"""

import contextlib
import dataclasses
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import kubeconfig

LOOPBACK = "127.0.0.1"
TIMEOUT_S = (10, 30)
"""How long a connection to the API server, and its answer, may take."""
CHUNK_BYTES = 1 << 16
LOOK_EVERY_S = 1.0
"""How often an idle connection looks whether its stream is still there."""
CLOSING_S = 3.0
"""How long a connection may take to be closed properly."""
PROXY_THREADS = "Kubernetes port forward proxy"
"""How the Kubernetes client names the threads that move our bytes."""

RUN_LABEL = "pipeline/runid"
NODE_NAME = "workflows.argoproj.io/node-name"
"""What Kubeflow and its workflow engine write on the pods of a run."""

Stream = Any
"""A PortForward of the Kubernetes client, which ships no types."""


@dataclasses.dataclass(frozen=True)
class Service:
    """A port of a service, and what a pod of it listens on."""

    namespace: str
    name: str
    port: int


class Cluster:
    """What a kubeconfig leads to, as far as a port-forward needs it."""

    def __init__(self, path: str | None, context: str | None) -> None:
        """Read the kubeconfig; raises InputError if there is none, or not that `context`.

        `path` is as in the variable KUBECONFIG; None is the file in the home directory.
        """
        # The Kubernetes client takes a second to import: only who forwards a port pays for it.
        from kubernetes import client

        told = client.Configuration()
        told.retries = False  # its retries write warnings; ours are told in our words
        try:
            kubeconfig.load(path or kubeconfig.HOME_CONFIG, context, told, persist=True)
        except InputError as error:
            raise InputError(
                f"cannot use the kubeconfig: {error}; set KUBECONFIG or give --endpoint"
            ) from error
        self._core: Any = client.CoreV1Api(client.ApiClient(told))

    def pod_of(self, service: Service) -> tuple[str, int]:
        """Return a ready pod behind `service`, and its port; raises InputError, ServiceError."""
        found = self._ask(self._core.read_namespaced_service, service.name, service.namespace)
        target = next((p.target_port for p in found.spec.ports if p.port == service.port), None)
        labels = ",".join(f"{key}={value}" for key, value in found.spec.selector.items())
        pods = self._ask(
            self._core.list_namespaced_pod, service.namespace, label_selector=labels
        ).items
        for pod in filter(is_ready, pods):
            return pod.metadata.name, port_in(pod, target or service.port)
        raise ServiceError(
            f"no pod of service {service.namespace}/{service.name} is ready "
            f"({len(pods)} with {labels}); wait until Kubeflow is up"
        )

    def stream(self, service: Service) -> tuple[Stream, socket.socket]:
        """Open a stream to a pod of `service`; returns it and our end of it."""
        from kubernetes.stream import portforward

        pod, port = self.pod_of(service)
        opened = self._ask(
            lambda *arguments, **named: portforward(
                self._core.connect_get_namespaced_pod_portforward, *arguments, **named
            ),
            pod,
            service.namespace,
            ports=str(port),
        )
        return opened, opened.socket(port)

    def config_map(self, namespace: str, name: str) -> dict[str, str]:
        """Return what a ConfigMap holds; nothing if it is not there or not for us to see."""
        try:
            found = self._ask(self._core.read_namespaced_config_map, name, namespace)
        except InputError:
            return {}
        return dict(found.data or {})

    def last_words(self, namespace: str, run_id: str) -> dict[str, str]:
        """Return the last line that each failed pod of a run said, by its node in the workflow.

        A node is named after all that it is part of: WORKFLOW.root.STEP.executor. What the
        cluster does not let us read is left out.
        """
        words = {}
        with contextlib.suppress(InputError, ServiceError):
            pods = self._ask(
                self._core.list_namespaced_pod,
                namespace,
                label_selector=f"{RUN_LABEL}={run_id}",
                field_selector="status.phase=Failed",
            ).items
            for pod in pods:
                node = (pod.metadata.annotations or {}).get(NODE_NAME, "")
                log = self._ask(
                    self._core.read_namespaced_pod_log,
                    pod.metadata.name,
                    namespace,
                    container="main",
                    tail_lines="20",
                )
                lines = [line for line in (log or "").splitlines() if line.strip()]
                if lines:
                    words[node] = lines[-1].strip()
        return words

    def _ask(self, call: Callable[..., Any], *arguments: str, **named: str) -> Any:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        try:
            return call(*arguments, **named, _request_timeout=TIMEOUT_S)
        except ApiException as error:
            if error.status in {401, 403, 404}:
                where = "/".join(reversed(arguments))
                raise InputError(
                    f"the cluster refuses {where}: {error.reason} ({error.status}); "
                    "look at --kubeflow-namespace and at what your account may do there"
                ) from error
            raise ServiceError(f"the cluster does not answer: {error.reason}") from error
        except HTTPError as error:
            raise ServiceError(f"the cluster does not answer: {error}") from error


def is_ready(pod: Any) -> bool:
    """Tell whether `pod` takes connections and is not on its way out."""
    conditions = pod.status.conditions or []
    ready = any(told.type == "Ready" and told.status == "True" for told in conditions)
    return ready and pod.metadata.deletion_timestamp is None


def port_in(pod: Any, target: str | int) -> int:
    """Return the number of the port `target` of `pod`, which may be named; raises InputError."""
    if isinstance(target, int) or str(target).isdigit():
        return int(target)
    for container in pod.spec.containers:
        for port in container.ports or []:
            if port.name == target:
                return int(port.container_port)
    raise InputError(f"pod {pod.metadata.name} has no port named {target}")


class Tunnel:
    """A port of this machine that leads to a service of a cluster, until it is closed."""

    def __init__(self, cluster: Cluster, service: Service) -> None:
        """Listen on a free port of the loopback address."""
        self.cluster = cluster
        self._service = service
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: dict[threading.Thread, socket.socket] = {}
        self.problem: str | None = None
        """Why the newest connection came to nothing, in one line."""
        threading.Thread(target=self._accept, name="tunnel", daemon=True).start()

    @property
    def address(self) -> str:
        """Return the URL of our end."""
        return f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Take no further connection, and end those that are open."""
        open_now = dict(self._open)
        # Closing alone would not wake the thread that waits for a connection.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in open_now.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in open_now:
            thread.join(CLOSING_S)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open[threading.current_thread()] = connection
        try:
            with connection:
                stream, far = self.cluster.stream(self._service)
                self.problem = None
                try:
                    carry(connection, far, lambda: bool(stream.connected))
                finally:
                    far.close()
                    forget(stream)
        except (InputError, ServiceError) as error:
            self.problem = str(error)
        except OSError as error:
            self.problem = f"the port-forward broke: {error}"
        finally:
            del self._open[threading.current_thread()]


def carry(near: socket.socket, far: socket.socket, is_alive: Callable[[], bool]) -> None:
    """Move bytes both ways until one side ends, or `is_alive` says that the stream is gone."""
    other = {near.fileno(): far, far.fileno(): near}
    while True:
        readable, _, _ = select.select(list(other), [], [], LOOK_EVERY_S)
        for number in readable:
            data = (near if number == near.fileno() else far).recv(CHUNK_BYTES)
            if not data:
                return
            other[number].sendall(data)
        if not readable and not is_alive():
            return


def forget(stream: Stream) -> None:
    """Close what the Kubernetes client leaves open of a stream whose other side went first."""
    deadline = time.monotonic() + CLOSING_S
    while stream.connected and time.monotonic() < deadline:
        time.sleep(0.01)
    for port in stream.local_ports.values():
        port.python.close()


@contextlib.contextmanager
def opened(cluster: Cluster, service: Service) -> Iterator[Tunnel]:
    """Yield a tunnel to `service`; raises InputError or ServiceError if there is no way."""
    cluster.pod_of(service)  # what is wrong is told now, not by a connection that breaks
    tunnel = Tunnel(cluster, service)
    try:
        with quiet_threads():
            yield tunnel
    finally:
        tunnel.close()


@contextlib.contextmanager
def quiet_threads() -> Iterator[None]:
    """Let threads of the Kubernetes client end without a traceback when their stream breaks."""
    before = threading.excepthook

    def hook(failure: threading.ExceptHookArgs) -> None:
        name = failure.thread.name if failure.thread else ""
        if not name.startswith(PROXY_THREADS):
            before(failure)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
