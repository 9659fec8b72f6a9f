"""A GitHub that answers by script, in virtual time; and what most tests of the client need."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Any, TypeVar

import httpx2

from codekiln.core.github.answers import Answer
from codekiln.core.github.auth import Tokens, tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.core.github.limits import Limits
from codekiln.fake_github import clock

T = TypeVar("T")

TOKEN = "ghp_" + "Sesame" * 6
ENDPOINT = Endpoint("https://api.test", "https://api.test/graphql", "https://test")
EPOCH = 1_800_000_000
"""GitHub's clock when the loop's is 0."""

Step = httpx2.Response | Exception | Callable[[httpx2.Request], "httpx2.Response | Exception"]


def date_of(loop_time: float, skew: float = 0.0) -> str:
    """Return the Date header at `loop_time`."""
    return formatdate(EPOCH + int(loop_time + skew), usegmt=True)


def answer(
    status: int = 200,
    body: object = None,
    *,
    raw: bytes | None = None,
    rate: Mapping[str, str] | None = None,
    **headers: str,
) -> httpx2.Response:
    """Make one answer; header names are written with _, those in `rate` as they are."""
    told = {name.replace("_", "-"): value for name, value in headers.items()} | dict(rate or {})
    content = json.dumps({} if body is None else body).encode() if raw is None else raw
    return httpx2.Response(status, headers=told, content=content)


def budget(
    remaining: int, *, limit: int = 5000, reset: float = 3600, resource: str = "core"
) -> dict[str, str]:
    """Make the x-ratelimit-* headers of an answer; `reset` is in loop time."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(EPOCH + reset)),
        "x-ratelimit-resource": resource,
    }


class Script(httpx2.AsyncBaseTransport):
    """Answers requests with `steps` in turn, the last one for ever; keeps what was asked."""

    def __init__(self, steps: Iterable[Step], *, takes_s: float = 0.0, skew: float = 0.0) -> None:
        self.steps = list(steps)
        self.takes_s = takes_s
        self.skew = skew
        self.asked: list[httpx2.Request] = []
        self.times: list[float] = []
        self.under_way = self.most_under_way = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        self.times.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request)
        finally:
            self.under_way -= 1

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        await asyncio.sleep(self.takes_s)
        found = step(request) if callable(step) else step
        if isinstance(found, Exception):
            raise found
        made = httpx2.Response(found.status_code, headers=found.headers, content=found.content)
        if "date" not in made.headers:
            made.headers["date"] = date_of(asyncio.get_running_loop().time(), self.skew)
        return made


def ask(
    script: httpx2.AsyncBaseTransport,
    asking: Callable[[GitHub], Awaitable[T]],
    *,
    environ: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    share: int = 1,
) -> T:
    """Run `asking` with a client of `script` in virtual time."""

    async def run() -> T:
        told: Tokens = tokens({"GITHUB_TOKEN": TOKEN} if environ is None else environ)
        client = GitHub(ENDPOINT, told, transport=script, limits=limits or Limits(), share=share)
        async with client as github:
            return await asking(github)

    return clock.run(run())


GOOD = answer(body=[{"number": 7}])
QUERY = "query Look($ids: [ID!]!) { rateLimit { cost } nodes(ids: $ids) { id } }"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
WRONG = {"errors": [{"message": "Something went wrong while executing your query."}]}


async def get(github: GitHub) -> Answer:
    return await github.get("/repos/a/b/pulls", {"state": "all"})


async def look(github: GitHub) -> Mapping[str, Any]:
    return (await github.graphql(QUERY, {"ids": ["x"]})).data


def replied(cost: int = 1) -> httpx2.Response:
    return answer(body={"data": {"rateLimit": {"cost": cost}, "nodes": [{"id": "x"}]}})
