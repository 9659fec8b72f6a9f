"""HTTP under the stand-in for Kubeflow's API: requests as they come, and what goes wrong."""

import email.parser
import email.policy
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from kubeflow_rules import RefusedError, require

Json = dict[str, Any]


@dataclass
class Fault:
    """What happens to the next requests to paths that contain `path`, instead of an answer."""

    kind: int | str
    """A status, or reset, html, redirect, or `done` to do it and then lose the answer."""
    path: str
    times: int = 1
    after: int = 0
    """How many requests go well before."""


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Json:
        """Return the body of a request that is JSON."""
        told: Json = json.loads(self.body or b"{}")
        return told


class Api(Protocol):
    """What the handler wants of the server's state."""

    requests: list[Request]
    on_request: Callable[[Request], None]
    delay_s: float

    def fault_for(self, request: Request) -> Fault | None: ...

    def answer(self, request: Request) -> Json: ...


def uploaded(request: Request) -> str:
    """Return the file of a multipart request, whose name says what it is."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    for part in message.iter_parts():
        disposition = (
            part.get_content_disposition(),
            part.get_param("name", header="content-disposition"),
        )
        if disposition == ("form-data", "uploadfile"):
            name = part.get_filename() or ""
            require(name.endswith((".yaml", ".yml", ".zip", ".tar.gz", ".json")), "Unexpected file")
            content = part.get_payload(decode=True)
            return content.decode() if isinstance(content, bytes) else ""
    raise RefusedError(400, "Failed to read pipeline from file")


class Handler(BaseHTTPRequestHandler):
    """Reads a request, meets its fault or answers it."""

    api: Api
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base's name
        """Say nothing: the test has `requests`."""

    def handle_one(self) -> None:
        """Read one request and answer it."""
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query={key: values[0] for key, values in parse_qs(parts.query).items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        self.api.requests.append(request)
        self.api.on_request(request)
        time.sleep(self.api.delay_s)
        fault = self.api.fault_for(request)
        if fault is None or fault.kind == "done":
            status, body = self._answer(request)
        if fault is None:
            self._send(status, body)
        else:
            self._fail(fault.kind)

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 -- the base's names

    def _answer(self, request: Request) -> tuple[int, Json]:
        try:
            return 200, self.api.answer(request)
        except RefusedError as refused:
            return refused.status, refused.body()

    def _fail(self, kind: int | str) -> None:
        if isinstance(kind, int):
            self._send(kind, b"<html>upstream connect error</html>", "text/html")
        elif kind == "html":
            self._send(200, b"<html>Log in</html>", "text/html")
        elif kind == "redirect":
            self._send(302, b"", "text/html", {"Location": "/dex/auth"})
        else:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(
        self,
        status: int,
        body: Json | bytes,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
