"""Stands between a client and a real S3 server, and lets go wrong what goes wrong on networks.

    with s3_proxy.between(server.http, rule) as url: ...

`rule` is asked for each request what is to happen to it.
"""

import contextlib
import dataclasses
import enum
import http.client
import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fate(enum.Enum):
    """What happens to a request."""

    PASSES = enum.auto()
    NEVER_ARRIVES = enum.auto()
    """The connection is reset before the server sees it."""
    LOSES_ITS_ANSWER = enum.auto()
    """The server does it; the connection is reset before the client knows."""
    IS_CUT = enum.auto()
    """Half of the answer's body, then the connection closes."""
    IS_DAMAGED = enum.auto()
    """One byte of the answer's body is another."""


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A request whose body has half arrived."""

    number: int
    """Counted from 1."""
    method: str
    path: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of the proxy itself, as S3 refuses."""

    status: int
    code: str


Rule = Callable[[Request], Fate | Refusal]

BUSY = Refusal(503, "SlowDown")


@contextlib.contextmanager
def between(port: int, rule: Rule) -> Iterator[str]:
    """Give the URL of a proxy to the server on `port` of this machine, for a block."""
    with Proxy(port, rule) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()
            thread.join()


class Proxy(ThreadingHTTPServer):
    """Forwards to `port`, as `rule` says."""

    daemon_threads = True

    def __init__(self, port: int, rule: Rule) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port, self.rule = port, rule
        self.numbers = itertools.count(1)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients of a broken network hang up."""


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self) -> None:
        """Read a request, and let happen what is to happen to it."""
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size // 2)
        number = next(self.server.numbers)
        fate = self.server.rule(Request(number, self.command, self.path, size))
        if fate is Fate.NEVER_ARRIVES:
            self.reset()
            return
        body += self.rfile.read(size - len(body))
        if isinstance(fate, Refusal):
            told = f"<?xml version='1.0'?><Error><Code>{fate.code}</Code></Error>".encode()
            self.say(fate.status, [("Content-Type", "application/xml")], told)
            return
        self.relay(fate, body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every method alike."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def relay(self, fate: Fate, body: bytes) -> None:
        """Ask the server, and hand its answer on."""
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        with contextlib.closing(upstream):
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            data = answer.read()
        headers = [(k, v) for k, v in answer.getheaders() if k.lower() not in OWN]
        length = answer.getheader("Content-Length", str(len(data)))
        if fate is Fate.IS_DAMAGED and data:
            data = bytes([data[0] ^ 1]) + data[1:]
        if fate is Fate.IS_CUT:
            data = data[: len(data) // 2]
        if fate is not Fate.LOSES_ITS_ANSWER:
            self.say(answer.status, headers, data, length)
        if fate in (Fate.LOSES_ITS_ANSWER, Fate.IS_CUT):
            self.reset()

    def say(
        self, status: int, headers: list[tuple[str, str]], data: bytes, length: str = ""
    ) -> None:
        """Answer the client."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", length or str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def reset(self) -> None:
        """Close the connection as a broken network does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True


OWN = {"content-length", "connection", "transfer-encoding", "date"}
"""Headers that are of one connection, not of the answer."""
