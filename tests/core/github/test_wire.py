"""One exchange over real sockets with servers that misbehave."""

import asyncio
import contextlib
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest

from codekiln.core.errors import InputError
from codekiln.core.github import wire
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import endpoint

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@contextlib.asynccontextmanager
async def server(serve: Serve, *, until: bytes = b"\r\n\r\n") -> AsyncIterator[str]:
    """Listen on a free port; read each request `until` its end, then let `serve` answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(until)
            await serve(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    handlers: list[asyncio.Task[None] | None] = []
    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await asyncio.gather(*(one for one in handlers if one))


def says(*pieces: bytes, reset: bool = False) -> Serve:
    async def serve(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if reset:
            plain = writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return serve


def received(serve: Serve, longest_s: float = 5.0) -> wire.Received:
    async def run() -> wire.Received:
        async with server(serve) as url, httpx2.AsyncClient(timeout=wire.TIMEOUT) as http:
            return await wire.exchange(http, http.build_request("GET", url), longest_s)

    return asyncio.run(run())


def accident(serve: Serve, longest_s: float = 5.0) -> str:
    with pytest.raises(wire.AccidentError) as caught:
        received(serve, longest_s)
    assert caught.value.connected
    return caught.value.reason


def test_a_whole_answer_comes_with_its_headers_and_its_time() -> None:
    link = b'link: <http://x/?page=2>; rel="next"\r\n'
    got = received(says(HEAD, link, b"content-length: 2\r\n\r\n[]"))
    assert (got.status, got.body, got.has_next) == (200, b"[]", True)
    assert got.headers["content-type"] == "application/json"
    assert 0 <= got.took_s < 5


def test_a_compressed_answer_is_as_long_as_it_says() -> None:
    packed = gzip.compress(b"[" + b" " * 5000 + b"]")
    length = f"content-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n".encode()
    assert len(received(says(HEAD, length, packed)).body) == 5002


def test_less_than_the_told_length_is_truncated() -> None:
    assert accident(says(HEAD, b"content-length: 999\r\n\r\n[1, 2")) == "truncated answer"


def test_a_chunked_answer_that_breaks_off_is_truncated() -> None:
    chunk = b"transfer-encoding: chunked\r\n\r\n5\r\n[1, 2\r\n"
    assert accident(says(HEAD, chunk)) == "truncated answer"


@pytest.mark.parametrize("sent", [(), (HEAD,), (HEAD, b"content-length: 999\r\n\r\n[")])
def test_a_reset_is_an_accident_wherever_it_comes(sent: tuple[bytes, ...]) -> None:
    assert accident(says(*sent, reset=True)) in ("connection reset", "truncated answer")


def test_a_server_that_hangs_up_without_a_word_is_an_accident() -> None:
    assert accident(says()) == "connection reset"


@pytest.mark.parametrize("noise", [b"SSH-2.0-ssh\r\n\r\n", b"HTTP/9.9 huh\r\n\r\n", b"\0" * 99])
def test_what_is_no_http_is_an_accident(noise: bytes) -> None:
    assert accident(says(noise)) == "garbled answer"


def test_bad_compression_is_an_accident() -> None:
    garbage = b"content-encoding: gzip\r\ncontent-length: 9\r\n\r\n\x1f\x8b\x08garbag"
    assert accident(says(HEAD, garbage)) == "garbled compression"


def test_a_server_that_drips_for_ever_is_cut_off() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    assert accident(drip, longest_s=0.3) == "time-out"


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 1 << 20)
    bomb = gzip.compress(b" " * (16 << 20))
    length = f"content-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n".encode()
    assert accident(says(HEAD, length, bomb)) == "an endless answer"


def test_nobody_there_is_no_connection() -> None:
    async def run() -> None:
        async with httpx2.AsyncClient() as http:
            with socket.socket() as unused:
                unused.bind(("127.0.0.1", 0))
                url = f"http://127.0.0.1:{unused.getsockname()[1]}"
                await wire.exchange(http, http.build_request("GET", url), 5.0)

    with pytest.raises(wire.AccidentError, match="no connection") as caught:
        asyncio.run(run())
    assert not caught.value.connected


def test_http_where_https_was_wanted_is_the_user_s_to_mend() -> None:
    plain = says(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def run() -> None:
        async with server(plain, until=b"\x16") as url, httpx2.AsyncClient() as http:
            request = http.build_request("GET", url.replace("http:", "https:"))
            await wire.exchange(http, request, 5.0)

    with pytest.raises(InputError, match="write http://"):
        asyncio.run(run())


def test_the_client_gets_over_a_truncated_answer_of_a_real_server() -> None:
    answers = [
        says(HEAD, b"content-length: " + rest) for rest in (b"99\r\n\r\n[1", b"3\r\n\r\n[1]")
    ]

    async def serve(writer: asyncio.StreamWriter) -> None:
        await answers.pop(0)(writer)

    async def run() -> object:
        async with server(serve) as url:
            told = {"GITHUB_API_URL": url, "GITHUB_TOKEN": "x"}
            async with GitHub(endpoint(told), tokens(told)) as github:
                return (await github.get("/x")).body, dict(github.usage.retries)

    assert asyncio.run(run()) == ([1], {"truncated answer": 1})
