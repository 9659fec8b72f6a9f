"""Sending one request and reading all of its answer, whatever the network makes of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import httpx2

from codekiln.core.errors import InputError

LARGEST = 256 << 20
"""Bytes of an answer: a hundred pull requests with all of their comments stay far below."""

CONNECT_S = 15.0
SILENCE_S = 60.0
"""Between two pieces of an answer; a GraphQL query may think for ten seconds."""

TIMEOUT = httpx2.Timeout(connect=CONNECT_S, read=SILENCE_S, write=SILENCE_S, pool=None)


class AccidentError(Exception):
    """No whole answer came; `reason` is a few words, the same for all of the kind."""

    def __init__(self, reason: str, *, connected: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connected = connected


@dataclass(frozen=True, slots=True)
class Received:
    """One whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    has_next: bool
    took_s: float
    """From the request to the first byte, by the event loop's clock."""


async def exchange(http: httpx2.AsyncClient, request: httpx2.Request, longest_s: float) -> Received:
    """Send `request` and return the answer; raise AccidentError, or InputError for bad TLS."""
    try:
        # The time-outs above see silence; a server may also drip for ever.
        async with asyncio.timeout(longest_s):
            return await _exchange(http, request)
    except TimeoutError:
        raise AccidentError("time-out") from None
    except httpx2.ConnectError as error:
        raise _no_connection(error, request) from None
    except httpx2.TimeoutException as error:
        raise AccidentError(
            "time-out", connected=not isinstance(error, httpx2.ConnectTimeout)
        ) from None
    except httpx2.RemoteProtocolError as error:
        raise AccidentError(_protocol(str(error))) from None
    except httpx2.DecodingError:
        raise AccidentError("garbled compression") from None
    except (httpx2.TransportError, httpx2.StreamError, OSError):
        raise AccidentError("connection reset") from None


async def _exchange(http: httpx2.AsyncClient, request: httpx2.Request) -> Received:
    clock = asyncio.get_running_loop().time
    started = clock()
    response = await http.send(request, stream=True)
    took_s = clock() - started
    try:
        body = await _body(response)
    finally:
        await response.aclose()
    headers = cast("Mapping[str, str]", response.headers)
    has_next = 'rel="next"' in headers.get("link", "")
    return Received(response.status_code, headers, body, has_next, took_s)


async def _body(response: httpx2.Response) -> bytes:
    pieces, size = [], 0
    async for piece in response.aiter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise AccidentError("an endless answer")
    if _is_short(response, size):
        raise AccidentError("truncated answer")
    return b"".join(pieces)


def _is_short(response: httpx2.Response, size: int) -> bool:
    """Say whether fewer bytes came than were told: not every transport checks it."""
    told = response.headers.get("content-length", "")
    plain = "content-encoding" not in response.headers
    came = max(response.num_bytes_downloaded, size if plain else 0)
    if response.status_code == HTTPStatus.NOT_MODIFIED or not told.isdigit():
        return False
    return came < int(told) and (came > 0 or plain)


def _protocol(text: str) -> str:
    if "complete" in text:
        return "truncated answer"
    return "connection reset" if "disconnect" in text else "garbled answer"


def _no_connection(error: httpx2.ConnectError, request: httpx2.Request) -> Exception:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return InputError(
            f"the certificate of {request.url.host} is not trusted: set SSL_CERT_FILE to a file "
            "with the authority that signed it"
        )
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return InputError(f"{request.url.host} speaks no TLS there: write http:// in its address")
    return AccidentError("no connection", connected=False)
