"""The fake on a real socket: HTTP/1.1 by h11, with connections that break as they are told to."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from codekiln.fake_github.messages import Asked, Said

if TYPE_CHECKING:
    from codekiln.fake_github.hub import FakeGitHub

READ_BYTES = 1 << 16
MOST_BODY_BYTES = 64 << 20
_GONE = (ConnectionError, asyncio.IncompleteReadError, h11.ProtocolError, TimeoutError)


@asynccontextmanager
async def listen(hub: "FakeGitHub", host: str, port: int) -> AsyncIterator[str]:
    """Serve `hub` on `host`; port 0 takes any that is free. Gives the URL of the root."""
    open_: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # asyncio runs this function in a task
        open_.add(task)
        try:
            await Connection(hub, reader, writer).serve()
        finally:
            open_.discard(task)

    server = await asyncio.start_server(connected, host, port)
    name, number = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{name}:{number}"
    finally:
        server.close()
        for task in list(open_):
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)
        await server.wait_closed()


class Connection:
    """One client, request after request, until either side has had enough."""

    def __init__(
        self, hub: "FakeGitHub", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._hub = hub
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer until the connection ends; a client that goes away is no error."""
        try:
            while await self._answer():
                self._http.start_next_cycle()
        except _GONE:
            pass
        finally:
            self._writer.close()
            with contextlib.suppress(*_GONE):
                await self._writer.wait_closed()

    async def _answer(self) -> bool:
        """Answer one request; tells whether there may be another."""
        request = await self._next()
        if not isinstance(request, h11.Request):
            return False
        body = await self._body()
        asked = asked_of(request, body)
        await self._say(await self._hub.handle(asked))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _next(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._http.send(go_on) or b"")
            self._http.receive_data(await self._reader.read(READ_BYTES))

    async def _body(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while isinstance(event := await self._next(), h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
            if size > MOST_BODY_BYTES:
                raise h11.RemoteProtocolError("request body too large", 413)
        return b"".join(parts)

    async def _say(self, said: Said) -> None:
        if said.cut == "reset" and not said.body:
            self._reset()
        length = {} if said.status == 304 else {"content-length": str(len(said.body))}
        await self._head(said.status, {**said.headers, **length})
        if said.cut:
            await self._send(h11.Data(data=said.body[: len(said.body) * 3 // 5]))
            if said.cut == "reset":
                self._reset()
            raise ConnectionError("ended before the body did, as a fault told")
        if said.body:
            await self._send(h11.Data(data=said.body))
        await self._send(h11.EndOfMessage())

    async def _head(self, status: int, headers: dict[str, str]) -> None:
        reason = HTTPStatus(status).phrase.encode()
        told = list(headers.items())
        await self._send(h11.Response(status_code=status, headers=told, reason=reason))

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    def _reset(self) -> None:
        """End the connection with a reset: a socket that lingers for no time sends one."""
        bare: socket.socket = self._writer.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise ConnectionResetError("reset, as a fault told")


def asked_of(request: h11.Request, body: bytes) -> Asked:
    """Return a request as the hub takes it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    target = urlsplit(request.target.decode("latin-1"))
    return Asked.at(
        f"http://{headers.get('host', 'localhost')}",
        unquote(target.path),
        method=request.method.decode("ascii"),
        params=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers=headers,
        body=body,
    )
