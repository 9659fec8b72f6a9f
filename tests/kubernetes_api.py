"""A stand-in for the Kubernetes API, as far as a port-forward to a service needs it.

It speaks the stream protocol of a port-forward, v4.channel.k8s.io: binary WebSocket frames whose
first byte is a channel, two channels a port (data, errors), each opened by the port's number.
"""

import base64
import contextlib
import hashlib
import json
import re
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import yaml

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What RFC 6455 adds to the key of a handshake."""
POD_PORT = 8888


class KubernetesApi:
    """One cluster with a service ml-pipeline, whose pods lead to a port of this machine."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.pods = {"ml-pipeline-1": True}
        """Pods of the service, and whether they are ready."""
        self.config = {"cronScheduleTimezone": "Europe/Berlin"}
        self.failed: dict[str, str] = {}
        """Pods of a run that failed, and the node of its workflow that each is."""
        self.log = ""
        self.forbidden = False
        self.forwarded: list[str] = []
        """The pod of each port-forward."""
        self._streams: list[socket.socket] = []

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"cluster": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.break_streams()
        self._server.shutdown()
        self._server.server_close()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig that leads here."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        told = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": url}}],
            "users": [{"name": "test", "user": {"token": "planted-kube-token"}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(told))
        return path

    def break_streams(self) -> None:
        """Cut every port-forward, as the death of its pod would."""
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        self._streams.clear()

    def forward(self, websocket: socket.socket, pod: str) -> None:
        """Move bytes between a WebSocket and the target until one of them ends."""
        self.forwarded.append(pod)
        target = socket.create_connection(("127.0.0.1", self.target_port))
        self._streams += [websocket, target]
        for channel in (0, 1):
            send(websocket, bytes([channel]) + struct.pack("<H", POD_PORT))
        threading.Thread(target=_back, args=(target, websocket), daemon=True).start()
        with contextlib.suppress(OSError), contextlib.closing(target):
            while (data := receive(websocket)) is not None:
                target.sendall(data[1:])


def _back(target: socket.socket, websocket: socket.socket) -> None:
    try:
        while data := target.recv(1 << 15):
            send(websocket, b"\x00" + data)
        websocket.sendall(b"\x88\x00")
    except OSError:
        return


def send(websocket: socket.socket, payload: bytes) -> None:
    """Send one binary frame."""
    size = len(payload)
    head = bytes([0x82, size]) if size < 126 else struct.pack(">BBH", 0x82, 126, size)
    websocket.sendall(head + payload)


def receive(websocket: socket.socket) -> bytes | None:
    """Return the payload of the next masked binary frame, None at the end."""
    try:
        kind, size = exactly(websocket, 2)
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", exactly(websocket, 2))
        elif size == 127:
            (size,) = struct.unpack(">Q", exactly(websocket, 8))
        mask, data = exactly(websocket, 4), exactly(websocket, size)
    except (OSError, EOFError):
        return None
    if kind & 0xF == 8:
        return None
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def exactly(source: socket.socket, size: int) -> bytes:
    """Read that many bytes; raises EOFError if fewer come."""
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


class _Handler(BaseHTTPRequestHandler):
    cluster: KubernetesApi
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer what a port-forward asks, or become one."""
        parts = urlsplit(self.path)
        namespace = "/api/v1/namespaces/kubeflow"
        if self.cluster.forbidden:
            self._send(403, {"kind": "Status", "reason": "Forbidden", "code": 403})
        elif found := re.fullmatch(f"{namespace}/pods/([^/]+)/portforward", parts.path):
            assert parse_qs(parts.query)["ports"] == [str(POD_PORT)]
            self._forward(found[1])
        elif parts.path == f"{namespace}/services/ml-pipeline":
            port = {"name": "http", "port": POD_PORT, "targetPort": "http"}
            self._send(200, {"spec": {"selector": {"app": "ml-pipeline"}, "ports": [port]}})
        elif parts.path.startswith(f"{namespace}/pods/") and parts.path.endswith("/log"):
            tail = int(parse_qs(parts.query)["tailLines"][0])
            self._send(200, "\n".join(self.cluster.log.splitlines()[-tail:]))
        elif parts.path == f"{namespace}/pods" and "runid" in parts.query:
            self._send(200, {"items": [self._failed(name) for name in self.cluster.failed]})
        elif parts.path == f"{namespace}/pods":
            self._send(200, {"items": [self._pod(name) for name in self.cluster.pods]})
        elif parts.path == f"{namespace}/configmaps/pipeline-install-config":
            self._send(200, {"data": self.cluster.config})
        else:
            self._send(404, {"kind": "Status", "reason": "NotFound", "code": 404})

    def _pod(self, name: str) -> dict[str, Any]:
        ready = "True" if self.cluster.pods[name] else "False"
        ports = [{"name": "http", "containerPort": POD_PORT}]
        return {
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "api", "ports": ports}]},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }

    def _failed(self, name: str) -> dict[str, Any]:
        node = {"workflows.argoproj.io/node-name": self.cluster.failed[name]}
        return {"metadata": {"name": name, "annotations": node}, "status": {"phase": "Failed"}}

    def _send(self, status: int, body: dict[str, Any] | str) -> None:
        is_text = isinstance(body, str)
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if is_text else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _forward(self, pod: str) -> None:
        if pod not in self.cluster.pods:
            self._send(404, {"kind": "Status", "reason": "NotFound", "code": 404})
            return
        key = self.headers["Sec-WebSocket-Key"] + MAGIC
        digest = hashlib.sha1(key.encode()).digest()  # noqa: S324 -- as RFC 6455 has it
        self.send_response(101, "Switching Protocols")
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.send_header("Sec-WebSocket-Protocol", self.headers["Sec-WebSocket-Protocol"])
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        self.cluster.forward(self.connection, pod)
