"""The whole GitHub: takes a request through its limits, faults, routes and delays to an answer."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from codekiln.fake_github import git_http
from codekiln.fake_github.apps import Apps
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.faults import Fault, Faults, timed_out
from codekiln.fake_github.graphql import GraphQL
from codekiln.fake_github.latency import GRAPHQL_TIMEOUT_S, Latency
from codekiln.fake_github.limits import Limits
from codekiln.fake_github.messages import Asked, Said, problem
from codekiln.fake_github.moments import http_date
from codekiln.fake_github.rest import Rest
from codekiln.fake_github.transport import Transport
from codekiln.fake_github.world import World

SEEN_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in: `time` in epoch seconds, `cost` in points, `took` in seconds.

    `kind` is rest, graphql, search, git or app; `query` the parameters, or a GraphQL query's name;
    `status` is 0 where the client did not wait for the answer.
    """

    time: float
    kind: str
    method: str
    path: str
    query: str
    status: int
    fault: str
    cost: int
    took: float


@dataclass(frozen=True, slots=True)
class Visit:
    """A request on its way through the hub; `began` in epoch seconds."""

    asked: Asked
    kind: str
    token: str
    began: float
    ordinal: int


class FakeGitHub:
    """A GitHub over `world`; every fault, delay and refusal repeats with the world's seed.

    `lean` leaves the links out of the payloads that only browsing needs; `before` is called with
    each request before it is answered, so that a test can change the world between two pages.
    """

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        latency: Latency | None = None,
        *,
        limits: Limits | None = None,
        lean: bool = False,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.latency = latency or Latency()
        self.limits = limits or Limits()
        self.rest = Rest(world, lean=lean)
        self.graphql = GraphQL(world)
        self.seen: deque[Seen] = deque(maxlen=SEEN_KEPT)
        self.requests: Counter[str] = Counter()
        self.before: Callable[[Asked], None] = lambda _asked: None
        self.revoked: set[str] = set()
        self.apps = Apps()
        self._ordinal = 0

    @property
    def violations(self) -> Counter[str]:
        """Return how often each limit was run over."""
        return self.limits.violations

    def transport(self) -> Transport:
        """Return an in-process transport for an httpx2.AsyncClient."""
        return Transport(self.handle)

    @asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Listen on a socket; gives the URL of the API's root."""
        from codekiln.fake_github.server import listen

        async with listen(self, host, port) as url:
            yield url

    async def handle(self, asked: Asked) -> Said:
        """Answer one request, after as long as GitHub would take."""
        self._ordinal += 1
        ordinal = self._ordinal
        self.before(asked)
        visit = Visit(asked, _kind(asked), token_of(asked), self.world.now(), ordinal)
        said = self._refused(visit)
        if said is not None:
            await asyncio.sleep(self.latency.network_s)
            return self._note(visit, said, "")
        fault = self.faults.next(visit.kind, asked)
        try:
            said = await (self._fetched if visit.kind == "git" else self._worked)(visit, fault)
        except asyncio.CancelledError:
            self._note(visit, Said(0), "client gave up")
            raise
        return self._note(visit, said, fault.kind if fault else "")

    async def _fetched(self, visit: Visit, fault: Fault | None) -> Said:
        """Answer git, which no limit of the API is about."""
        dice = Dice(self.world.seed, "git", visit.ordinal)
        said = fault.instead(dice) if fault else None
        if said is None:
            said = await self._git(visit.asked)
        return fault.after(said, 0.0, dice)[0] if fault else said

    async def _git(self, asked: Asked) -> Said:
        name, rest = git_http.name_of(asked.path)
        found = self.world.find(name)
        if found is None or found.gone or found.spec.private or found.history is None:
            return _no_repository(asked)
        if found.name.lower() != name.lower():
            query = f"?{urlencode(asked.params)}" if asked.params else ""
            return Said(301, headers={"location": f"{asked.base}/{found.name}.git{rest}{query}"})
        return await git_http.answer(asked, self.world.git_path(name), rest)

    async def _worked(self, visit: Visit, fault: Fault | None) -> Said:
        token, kind = visit.token, visit.kind
        dice = Dice(self.world.seed, "latency", visit.ordinal)
        self.limits.enter(token, kind, self.world.now())
        cpu = 0.0
        try:
            said = fault.instead(dice) if fault else None
            if said is None:
                said = self._answered(visit)
            cpu = self.latency.seconds(kind, said, dice)
            if fault:
                said, cpu = fault.after(said, cpu, dice)
            if kind == "graphql" and cpu > GRAPHQL_TIMEOUT_S:
                said, cpu = timed_out(said, dice), GRAPHQL_TIMEOUT_S
            self._charge(visit, said)
            await asyncio.sleep(cpu + self.latency.network_s)
        finally:
            self.limits.leave(token, kind, self.world.now(), cpu)
        if fault and fault.blocks_s:
            self.limits.block(token, self.world.now(), fault.blocks_s)
        return said

    def _charge(self, visit: Visit, said: Said) -> None:
        if visit.kind == "app":
            return
        bucket = self.limits.bucket(visit.token, visit.kind, self.world.now())
        bucket.used += said.points
        said.headers |= bucket.headers()

    def _refused(self, visit: Visit) -> Said | None:
        if visit.token in self.revoked or self.apps.expired(visit.token, visit.began):
            return problem(401, "Bad credentials")
        if visit.kind in ("app", "git") or visit.asked.path == "/rate_limit":
            return None
        if visit.kind == "graphql" and not visit.token:
            return problem(401, "This endpoint requires you to be authenticated.", "graphql")
        request_id = self._request_id(visit)
        said = self.limits.refusal(visit.token, visit.kind, visit.began, request_id)
        if said is not None:
            bucket = self.limits.bucket(visit.token, visit.kind, visit.began)
            said.headers |= bucket.headers()
        return said

    def _request_id(self, visit: Visit) -> str:
        return f"{visit.ordinal:04X}:{self.world.seed:04X}:FA5E"

    def _answered(self, visit: Visit) -> Said:
        asked = visit.asked
        if visit.kind == "graphql":
            bucket = self.limits.bucket(visit.token, "graphql", self.world.now())
            return self.graphql.answer(asked, bucket)
        if visit.kind == "app":
            return self.apps.answer(asked, visit.token, self.world.now())
        if asked.path == "/rate_limit":
            return self._rate_limit(asked)
        return self.rest.answer(asked)

    def _rate_limit(self, asked: Asked) -> Said:
        token, now = token_of(asked), self.world.now()
        resources = {}
        for name in ("core", "graphql", "search"):
            bucket = self.limits.bucket(token, "rest" if name == "core" else name, now)
            resources[name] = {
                "limit": bucket.limit,
                "used": bucket.used,
                "remaining": bucket.remaining,
                "reset": int(bucket.reset),
            }
        return Said.of_json({"resources": resources, "rate": resources["core"]}, points=0)

    def _note(self, visit: Visit, said: Said, fault: str) -> Said:
        """Put the last headers on an answer, and remember it."""
        now, asked = self.world.now(), visit.asked
        said.headers["date"] = http_date(now)
        said.headers["x-github-request-id"] = self._request_id(visit)
        said.headers["server"] = "github.com"
        query = "&".join(f"{name}={value}" for name, value in asked.params.items())
        if visit.kind == "graphql":
            query = self.graphql.name_of(asked)
        self.requests[visit.kind] += 1
        self.seen.append(
            Seen(
                time=visit.began,
                kind=visit.kind,
                method=asked.method,
                path=asked.path,
                query=query,
                status=said.status,
                fault=fault,
                cost=said.points,
                took=now - visit.began,
            )
        )
        return said


def _no_repository(asked: Asked) -> Said:
    """Refuse git: GitHub tells strangers to log in, and friends that there is nothing."""
    if "authorization" in asked.headers:
        return Said(404, b"Not Found", {"content-type": "text/plain"})
    wanted = {"www-authenticate": 'Basic realm="GitHub"', "content-type": "text/plain"}
    return Said(401, b"Repository not found.", wanted)


def token_of(asked: Asked) -> str:
    """Return the token of a request, "" where it has none."""
    return asked.headers.get("authorization", "").partition(" ")[2]


def _kind(asked: Asked) -> str:
    if asked.path == "/graphql":
        return "graphql"
    if asked.path.startswith("/app/"):
        return "app"
    if git_http.is_git(asked.path):
        return "git"
    return "search" if asked.path.startswith("/search/") else "rest"
