"""The client of GitHub's API: REST and GraphQL, paced, patient, with one face.

It only reads. All waiting is asyncio.sleep and all time the event loop's own, so that a loop with
virtual time may run a day in seconds; moments of GitHub's are told by its own clock.
"""

import asyncio
import importlib.metadata
import logging
import re
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

import httpx2

from codekiln.core.errors import InputError
from codekiln.core.github import outlook, redirects
from codekiln.core.github.answers import Answer, Reply
from codekiln.core.github.asking import Asker, Call, Got, HeavyError
from codekiln.core.github.auth import Tokens
from codekiln.core.github.endpoint import Endpoint
from codekiln.core.github.errors import TooHeavyError
from codekiln.core.github.governor import Governor
from codekiln.core.github.judge import judge
from codekiln.core.github.limits import Limits
from codekiln.core.github.purse import Purse
from codekiln.core.github.queries import judge_query
from codekiln.core.github.usage import Usage
from codekiln.core.github.wire import TIMEOUT

ACCEPT = "application/vnd.github+json"
API_VERSION = "2022-11-28"
OPERATION = re.compile(r"\b(?:query)\s+(\w+)")

PROBE = "query { rateLimit { remaining } }"
"""Costs nothing, and never takes long."""

PROBES = 3

LIMITS = Limits()


class GitHub:
    """Async context manager. One a process, however many tasks share it."""

    def __init__(
        self,
        endpoint: Endpoint,
        tokens: Tokens,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        limits: Limits = LIMITS,
        share: int = 1,
    ) -> None:
        """Ask `endpoint` with `tokens`; `share` collectors use the same tokens at once."""
        self.endpoint = endpoint
        self.tokens = tokens
        self.usage = Usage()
        part = limits.shared(share)
        self._purses = [Purse(one, part, share) for one in tokens.each]
        self._http = httpx2.AsyncClient(
            transport=transport,
            timeout=TIMEOUT,
            headers=_headers(),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=part.concurrent),
        )
        self._homes = [httpx2.URL(endpoint.api_url), httpx2.URL(endpoint.graphql_url)]
        governor = Governor(self._purses, self.usage)
        self._asker = Asker(self._http, governor, tokens, part, self._homes)
        self._costs: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Open nothing: connections open as they are needed."""
        quieten()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, etag: str = ""
    ) -> Answer:
        """Return what the REST API says of `path` ("/repos/..."; or an address it gave us).

        With the `etag` of an earlier answer, an unchanged one is free. Raises GoneError, InputError
        and ServiceError.
        """
        url = self._url(path, params or {})
        what = url.raw_path.decode("ascii", "replace")
        below = url.path.removeprefix(self._homes[0].path.rstrip("/"))
        call = Call(
            kind="search" if below.startswith("/search/") else "rest",
            what=what,
            url=url,
            judge=partial(judge, what=what, has_etag=bool(etag)),
            headers={"If-None-Match": etag} if etag else {},
        )
        got = await self._asker.ask(call)
        self.usage.unchanged += got.received.status == 304
        return _answer(got, etag)

    async def graphql(self, query: str, variables: Mapping[str, object]) -> Reply:
        """Return what the GraphQL API says; parts it cannot give are null, with an error each.

        Raises TooHeavyError if GitHub does not finish in time: ask for less. Else InputError and
        ServiceError.
        """
        if self.tokens.anonymous:
            raise InputError(
                "GitHub's GraphQL API answers nobody without a token: set GITHUB_TOKEN (a personal "
                "access token without any scope can read public repositories)"
            )
        call = self._query(query, variables)
        for _ in range(PROBES):
            try:
                reply = (await self._asker.ask(call)).body
            except HeavyError as error:
                if error.certain or await self._is_calm():
                    raise TooHeavyError(f"{error}; ask for less at once") from None
            else:
                return self._counted(query, reply)
        raise TooHeavyError(f"{call.what} may be too heavy: GitHub answers little else too")

    async def token(self) -> str:
        """Return a token for git over HTTPS; "" if there is none."""
        return await self.tokens.each[0].token()

    def outlook(self) -> str:
        """Say in one line what is left of the hourly budgets."""
        return outlook.outlook(self._purses, asyncio.get_running_loop().time())

    def _url(self, path: str, params: Mapping[str, str | int]) -> httpx2.URL:
        url = httpx2.URL(self.endpoint.api_url + path if path.startswith("/") else path)
        if not redirects.is_home(url, self._homes[0]):
            raise InputError(f"{url.host or path} is not {self._homes[0].host}: ask for a path")
        return url.copy_merge_params(params) if params else url

    def _query(self, query: str, variables: Mapping[str, object], **more: bool) -> Call:
        name = OPERATION.search(query)
        return Call(
            kind="graphql",
            what=f"the query {name[1]}" if name else "a query",
            url=self._homes[1],
            judge=judge_query,
            method="POST",
            json={"query": query, "variables": dict(variables)},
            cost=self._costs.get(query, 1),
            may_be_heavy=more.get("may_be_heavy", True),
        )

    def _counted(self, query: str, reply: Reply) -> Reply:
        """Remember what `query` costs: as much is set aside for it the next time."""
        self.usage.points += reply.cost
        if len(self._costs) > 100:
            self._costs.clear()
        self._costs[query] = reply.cost
        return reply

    async def _is_calm(self) -> bool:
        """Say whether GitHub answers a trifle at once; wait through an outage to find out."""
        return (await self._asker.ask(self._query(PROBE, {}, may_be_heavy=False))).first_time


def quieten() -> None:
    """Keep the HTTP library from a line for each request, unless somebody wants them."""
    chatter = logging.getLogger("httpx2")
    if chatter.level == logging.NOTSET:
        chatter.setLevel(logging.WARNING)


def _headers() -> dict[str, str]:
    return {
        "Accept": ACCEPT,
        "X-GitHub-Api-Version": API_VERSION,
        # GitHub refuses requests without one, and wants to know whom to write to.
        "User-Agent": f"codekiln/{importlib.metadata.version('codekiln')}",
    }


def _answer(got: Got, etag: str) -> Answer:
    received = got.received
    return Answer(
        status=received.status,
        body=got.body,
        etag=received.headers.get("etag", "") or (etag if received.status == 304 else ""),
        has_next=received.has_next,
        url=str(got.url),
    )
