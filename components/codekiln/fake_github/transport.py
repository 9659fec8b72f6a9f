"""The fake as a transport of httpx2: no socket, no parsing, the same answers and accidents."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2

from codekiln.fake_github.messages import Asked, Said

Handler = Callable[[Asked], Awaitable[Said]]


class _Body(httpx2.AsyncByteStream):
    """A body that ends as it was told to: whole, or by a broken connection."""

    def __init__(self, said: Said) -> None:
        self._said = said

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body, cut = self._said.body, self._said.cut
        if not cut:
            yield body
            return
        sent = body[: len(body) * 3 // 5]
        yield sent
        if cut == "reset":
            raise httpx2.ReadError("[Errno 104] Connection reset by peer")
        raise httpx2.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(sent)} bytes, expected {len(body)})"
        )

    async def aclose(self) -> None:
        """Do nothing: there is no connection to give back."""


class Transport(httpx2.AsyncBaseTransport):
    """Gives each request to `handler`, and keeps the client's own time-outs."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer `request`; raises httpx2's errors for what breaks on the way."""
        patience = request.extensions.get("timeout", {}).get("read")
        asked = await _asked(request)
        try:
            async with asyncio.timeout(patience):
                said = await self._handler(asked)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error
        if said.cut == "reset" and not said.body:
            raise httpx2.ReadError("[Errno 104] Connection reset by peer", request=request)
        headers = {**said.headers, "content-length": str(len(said.body))}
        return httpx2.Response(said.status, headers=headers, stream=_Body(said), request=request)


async def _asked(request: httpx2.Request) -> Asked:
    body = await request.aread()
    url = request.url
    port = f":{url.port}" if url.port else ""
    return Asked.at(
        f"{url.scheme}://{url.host}{port}",
        url.path,
        method=request.method,
        params=dict(url.params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
