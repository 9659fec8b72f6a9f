import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import radosgw

from codekiln.core.errors import InputError
from codekiln.core.storage import probe
from codekiln.core.storage.objects import Objects, open_store


class Racy(ThreadingHTTPServer):
    """A store that looks first and writes then, as OpenStack Swift does."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.looked = threading.Barrier(2)


class Handler(BaseHTTPRequestHandler):
    """PUT, GET, HEAD and DELETE of objects; who asks is not checked."""

    server: Racy
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, data: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"0"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def put(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["If-None-Match"] and self.path in self.server.objects:
            self.answer(412)
            return
        try:
            # Two writers that have both looked go on together.
            self.server.looked.wait(timeout=0.2)
        except threading.BrokenBarrierError:
            self.server.looked.reset()
        self.server.objects[self.path] = data
        self.answer(200)

    def get(self) -> None:
        found = self.server.objects.get(self.path)
        self.answer(404 if found is None else 200, found or b"")

    def delete(self) -> None:
        self.server.objects.pop(self.path, None)
        self.answer(204)

    def __getattr__(self, name: str) -> object:
        methods = {"do_PUT": self.put, "do_GET": self.get, "do_HEAD": self.get}
        if name in methods:
            return methods[name]
        if name == "do_DELETE":
            return self.delete
        raise AttributeError(name)


@pytest.fixture
def racy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    with Racy() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        settings = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
        }
        radosgw.settle(monkeypatch, settings)
        yield open_store("s3://bucket/racy")
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_trusted", set())


def test_a_store_that_creates_once_is_trusted(store: Objects) -> None:
    probe.refuse_racy(store)
    assert list(store.names()) == []


def test_a_store_that_lets_two_create_is_refused_each_time(racy: Objects) -> None:
    for _ in range(2):
        with pytest.raises(InputError, match="writers created the same object") as caught:
            probe.refuse_racy(racy)
        assert "Swift" in str(caught.value)


def test_a_store_is_asked_once_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Objects] = []

    def won_by_one(store: Objects) -> int:
        asked.append(store)
        return 1

    monkeypatch.setattr(probe, "race", won_by_one)
    for _ in range(2):
        probe.refuse_racy(open_store(str(tmp_path)))
    assert len(asked) == probe.ROUNDS
