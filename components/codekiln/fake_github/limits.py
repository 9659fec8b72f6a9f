"""GitHub's limits, enforced: hourly budgets, and the secondary limits by the minute.

Sources: docs.github.com "Rate limits for the REST API" and "Rate limits and query limits for the
GraphQL API". Each refusal is counted in `violations`: a well-mannered client leaves them empty.
"""

import json
from collections import Counter, deque
from dataclasses import dataclass, field

from codekiln.fake_github.messages import JSON, Said, problem

HOUR, MINUTE = 3_600, 60
CONCURRENT = 100
POINTS = {"rest": 900, "graphql": 2_000}
CPU_SECONDS = 90.0
GRAPHQL_CPU_SECONDS = 60.0
LONGEST_S = 30.0
"""No request works for longer."""
GRACE_S = 1.0
"""What was under way when we said "wait" is refused too, but is nobody's fault."""
_DOCS = "rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID {}."
)


@dataclass(slots=True)
class Bucket:
    """A primary budget: `limit` points in a window that opens with the first request."""

    name: str
    limit: int
    window_s: int = HOUR
    used: int = 0
    reset: float = 0.0

    def roll(self, now: float) -> None:
        """Open a new window if the last one is over."""
        if now >= self.reset:
            self.used, self.reset = 0, float(int(now) + self.window_s)

    @property
    def remaining(self) -> int:
        """Return what is left."""
        return max(self.limit - self.used, 0)

    def headers(self) -> dict[str, str]:
        """Return the x-ratelimit-* headers."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(min(self.used, self.limit)),
            "x-ratelimit-reset": str(int(self.reset)),
            "x-ratelimit-resource": self.name,
        }


@dataclass(slots=True)
class Window:
    """A sum over the last minute, of points or of seconds that were worked up to a moment."""

    total: float = 0.0
    entries: deque[tuple[float, float]] = field(default_factory=deque)

    def add(self, now: float, amount: float) -> None:
        """Count `amount` at `now`."""
        self.entries.append((now, amount))
        self.total += amount

    def sum(self, now: float) -> float:
        """Return what was counted within the minute before `now`."""
        while self.entries and self.entries[0][0] <= now - MINUTE:
            self.total -= self.entries.popleft()[1]
        return self.total if self.entries else 0.0

    def worked(self, now: float) -> float:
        """Return the seconds worked within the minute before `now`."""
        total, start = self.sum(now), now - MINUTE
        for end, seconds in self.entries:
            if end > start + LONGEST_S:
                break
            total -= max(start - (end - seconds), 0.0)
        return total


def _buckets() -> dict[str, Bucket]:
    kinds = (Bucket("core", 5_000), Bucket("graphql", 5_000), Bucket("search", 30, MINUTE))
    return {bucket.name: bucket for bucket in kinds}


@dataclass(slots=True)
class Account:
    """What one token has used."""

    buckets: dict[str, Bucket] = field(default_factory=_buckets)
    points: dict[str, Window] = field(default_factory=lambda: {k: Window() for k in POINTS})
    cpu: dict[str, Window] = field(default_factory=lambda: {k: Window() for k in POINTS})
    in_flight: int = 0
    blocked_from: float = 0.0
    blocked_until: float = 0.0


class Limits:
    """The accounts of all tokens; `enforced=False` counts violations but refuses nothing."""

    def __init__(self, *, enforced: bool = True) -> None:
        self.enforced = enforced
        self.accounts: dict[str, Account] = {}
        self.violations: Counter[str] = Counter()
        self.highest: dict[str, float] = {"concurrent": 0, "cpu": 0, "cpu graphql": 0}

    def account(self, token: str) -> Account:
        """Return the account of `token`; nobody's has 60 requests an hour."""
        if token not in self.accounts:
            self.accounts[token] = Account()
            if not token:
                self.accounts[token].buckets["core"].limit = 60
                self.accounts[token].buckets["search"].limit = 10
        return self.accounts[token]

    def bucket(self, token: str, kind: str, now: float) -> Bucket:
        """Return the primary budget that a request of `kind` is paid from."""
        buckets = self.account(token).buckets
        found = buckets[kind if kind in buckets else "core"]
        found.roll(now)
        return found

    def refusal(self, token: str, kind: str, now: float, request_id: str) -> Said | None:
        """Return why a request of `kind` is refused at `now`, or None."""
        account = self.account(token)
        if now < account.blocked_until:
            if now > account.blocked_from + GRACE_S:
                self.violations["came back too early"] += 1
            return self.secondary(account.blocked_until - now, request_id)
        reason = self._overrun(account, kind, now)
        if reason:
            self.violations[reason] += 1
            if self.enforced:
                self.block(token, now, MINUTE)
                return self.secondary(MINUTE, request_id)
        if self.bucket(token, kind, now).remaining == 0:
            self.violations[f"primary {kind}"] += 1
            return self.spent(token, kind, request_id) if self.enforced else None
        return None

    def _overrun(self, account: Account, kind: str, now: float) -> str:
        api = "graphql" if kind == "graphql" else "rest"
        cpu = {name: window.worked(now) for name, window in account.cpu.items()}
        for name, value in (("cpu", sum(cpu.values())), ("cpu graphql", cpu["graphql"])):
            self.highest[name] = max(self.highest[name], value)
        self.highest["concurrent"] = max(self.highest["concurrent"], account.in_flight + 1)
        tests = {
            "concurrent": account.in_flight >= CONCURRENT,
            f"points {api}": account.points[api].sum(now) >= POINTS[api],
            "cpu": sum(cpu.values()) > CPU_SECONDS,
            "cpu graphql": api == "graphql" and cpu["graphql"] > GRAPHQL_CPU_SECONDS,
        }
        return next((name for name, over in tests.items() if over), "")

    def block(self, token: str, now: float, seconds: float) -> None:
        """Answer nothing to `token` for `seconds`."""
        account = self.account(token)
        account.blocked_from = now
        account.blocked_until = max(account.blocked_until, now + seconds)

    def secondary(self, seconds: float, request_id: str) -> Said:
        """Refuse by a secondary limit."""
        said = problem(403, _SECONDARY.format(request_id), _DOCS)
        said.headers["retry-after"] = str(int(seconds) + 1)
        return said

    def spent(self, token: str, kind: str, request_id: str) -> Said:
        """Refuse because the primary budget is spent: GraphQL does so under 200."""
        who = f"user ID {1_000 + len(token)}" if token else "127.0.0.1"
        message = f"API rate limit exceeded for {who}."
        if kind == "graphql":
            return graphql_error("RATE_LIMITED", message)
        told = f"{message} If you reach out to GitHub Support for help, please include the request"
        return problem(
            403, f"{told} ID {request_id}.", "rest/overview/rate-limits-for-the-rest-api"
        )

    def enter(self, token: str, kind: str, now: float) -> None:
        """Note that a request is under way."""
        account = self.account(token)
        account.in_flight += 1
        account.points["graphql" if kind == "graphql" else "rest"].add(now, 1)

    def leave(self, token: str, kind: str, now: float, cpu_s: float) -> None:
        """Note that a request ended after `cpu_s` seconds of the server's time."""
        account = self.account(token)
        account.in_flight -= 1
        account.cpu["graphql" if kind == "graphql" else "rest"].add(now, cpu_s)


def graphql_error(kind: str, message: str) -> Said:
    """Answer a query with an error under 200, as GitHub does."""
    error = {"type": kind, "message": message} if kind else {"message": message}
    body = {"data": None, "errors": [error]} if not kind else {"errors": [error]}
    return Said(200, json.dumps(body).encode(), {"content-type": JSON})
