"""Asking GitHub until it answers: limits obeyed, accidents tried again, redirects followed."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx2

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.github import redirects, wire
from codekiln.core.github.auth import Tokens
from codekiln.core.github.credential import Credential
from codekiln.core.github.errors import StuckError
from codekiln.core.github.governor import Governor, Ticket
from codekiln.core.github.limits import Limits
from codekiln.core.github.purse import Refusal
from codekiln.core.github.rate_headers import told
from codekiln.core.github.trouble import Trouble
from codekiln.core.github.usage import Usage
from codekiln.core.github.verdicts import Broken, Good, Moved, Refused, Unauthorized, Verdict

UNAUTHORIZED_TRIES = 3
"""A good token is refused now and then, and for some seconds after it was made."""

UNAUTHORIZED = "status 401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing to ask."""

    kind: str
    """rest, search or graphql."""
    what: str
    """What to call it in a message."""
    url: httpx2.URL
    judge: Callable[[int, Mapping[str, str], bytes], Verdict]
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    cost: int = 1
    """Points of the hourly budget that it may take."""
    may_be_heavy: bool = False
    """It asks for so much that GitHub may not finish in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt."""

    verdict: Verdict
    credential: Credential
    took_s: float
    received: wire.Received | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """A good answer."""

    body: Any
    received: wire.Received
    url: httpx2.URL
    first_time: bool
    """Nothing had to be tried again."""


class HeavyError(CodekilnError):
    """A query may be too heavy; it is `certain` if GitHub answered others meanwhile."""

    def __init__(self, message: str, *, certain: bool) -> None:
        super().__init__(message)
        self.certain = certain


class Asker:
    """Sends calls, one attempt after the other."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        governor: Governor,
        tokens: Tokens,
        limits: Limits,
        homes: Sequence[httpx2.URL],
    ) -> None:
        self._http = http
        self._governor = governor
        self._tokens = tokens
        self._limits = limits
        self._homes = homes
        self._answered = 0
        self._reached = False

    @property
    def usage(self) -> Usage:
        """What asking has cost so far."""
        return self._governor.usage

    async def ask(self, call: Call) -> Got:
        """Return the answer to `call`; raise what the verdict on it says, or after all patience.

        GoneError, InputError, ServiceError (StuckError); HeavyError if the call may be heavy.
        """
        trouble = Trouble(call.what, self._limits)
        hops = 0
        while True:
            outcome = await self._attempt(call)
            verdict, received = outcome.verdict, outcome.received
            if isinstance(verdict, Good) and received:
                return Got(verdict.body, received, call.url, not trouble.seen)
            if isinstance(verdict, Moved):
                hops += 1
                target = redirects.followed(call.url, verdict.location)
                if target and hops <= redirects.MOST:
                    call = dataclasses.replace(call, url=target)
                    continue
                outcome = dataclasses.replace(outcome, verdict=Broken("redirects to nowhere"))
            if isinstance(verdict, Broken) and verdict.partly and received and trouble.is_lasting:
                return Got(verdict.partly, received, call.url, first_time=False)
            await self._endure(call, outcome, trouble)

    async def _attempt(self, call: Call) -> Outcome:
        async with self._governor.admitted(call.kind, call.cost) as ticket:
            credential = ticket.purse.credential
            try:
                request = await self._request(call, credential)
            except ServiceError:
                broken = Broken("no new token of the GitHub App")
                return Outcome(verdict=broken, credential=credential, took_s=0.0)
            self.usage.calls[call.kind] += 1
            clock = asyncio.get_running_loop().time
            started = ticket.sent = clock()
            try:
                received = await wire.exchange(self._http, request, self._limits.request_s)
            except wire.AccidentError as error:
                self._reached = self._reached or error.connected
                return Outcome(
                    verdict=Broken(error.reason, heavy=error.connected),
                    credential=credential,
                    took_s=clock() - started,
                )
            ticket.took_s = received.took_s
            self._reached = True
            return self._judged(call, ticket, received, clock())

    async def _request(self, call: Call, credential: Credential) -> httpx2.Request:
        headers = dict(call.headers)
        token = await credential.token()
        if token and any(redirects.is_home(call.url, home) for home in self._homes):
            headers["Authorization"] = f"Bearer {token}"
        return self._http.build_request(call.method, call.url, headers=headers, json=call.json)

    def _judged(self, call: Call, ticket: Ticket, got: wire.Received, now: float) -> Outcome:
        purse = ticket.purse
        body = self._tokens.scrub(got.body)
        verdict = call.judge(got.status, got.headers, body)
        if any(redirects.is_home(call.url, home) for home in self._homes):
            purse.learn(told(got.headers), call.kind, now)
        if isinstance(verdict, Refusal):
            seconds = purse.refuse(verdict, call.kind, now, ticket.sent)
            verdict = dataclasses.replace(verdict, seconds=seconds)
        elif not isinstance(verdict, Broken):
            purse.trust(call.kind, ticket.sent)
            self._answered += isinstance(verdict, Good | Refused)
        return Outcome(
            verdict=verdict, credential=purse.credential, took_s=got.took_s, received=got
        )

    async def _endure(self, call: Call, outcome: Outcome, trouble: Trouble) -> None:
        """Wait before the next attempt, or raise why there is none."""
        if trouble.answered_before < 0:
            trouble.answered_before = self._answered
        verdict = outcome.verdict
        if isinstance(verdict, Refused):
            raise verdict.error
        if isinstance(verdict, Unauthorized):
            verdict = self._unauthorized(verdict, outcome.credential, trouble)
        if isinstance(verdict, Refusal):
            self._note_limit(call, verdict, trouble)
        elif isinstance(verdict, Broken):
            await self._after_accident(call, verdict, outcome.took_s, trouble)

    def _unauthorized(
        self, verdict: Unauthorized, credential: Credential, trouble: Trouble
    ) -> Broken:
        credential.refused()
        if trouble.seen[UNAUTHORIZED] + 1 >= UNAUTHORIZED_TRIES:
            said = f": {verdict.message}" if verdict.message else ""
            raise InputError(
                f"GitHub does not accept {credential.name} (401{said}): set GITHUB_TOKEN to a "
                "token that is valid"
            )
        return Broken(UNAUTHORIZED)

    def _note_limit(self, call: Call, refusal: Refusal, trouble: Trouble) -> None:
        """Count a limit; whoever asks for admission next waits as long as it wants."""
        reason = f"{call.kind} budget spent" if refusal.primary else "secondary limit"
        self.usage.retries[reason] += 1
        trouble.limited(reason)
        self._give_up_unless(call, trouble, refusal.seconds or 0.0)

    async def _after_accident(
        self, call: Call, broken: Broken, took_s: float, trouble: Trouble
    ) -> None:
        pause = trouble.accident(broken.reason, broken.after)
        if call.may_be_heavy and broken.heavy and (trouble.weighed(took_s) or broken.hopeless):
            raise HeavyError(
                self._told(call, trouble), certain=broken.hopeless or self._others(trouble)
            )
        self._give_up_unless(call, trouble, pause)
        self.usage.retries[broken.reason] += 1
        await self._governor.pause(pause, "another try", f"{call.what}: {broken.reason}")

    def _others(self, trouble: Trouble) -> bool:
        return self._answered > trouble.answered_before

    def _give_up_unless(self, call: Call, trouble: Trouble, pause: float) -> None:
        """Raise unless there is patience for another `pause`."""
        others = self._others(trouble)
        if not trouble.endures(pause, others=others, reached=self._reached):
            self._give_up(call, trouble, others=others)

    def _give_up(self, call: Call, trouble: Trouble, *, others: bool) -> NoReturn:
        told = self._told(call, trouble)
        if others:
            raise StuckError(f"{told}; it answers others: run again, or leave this one out")
        if not self._reached:
            raise ServiceError(f"{told}: check the network and GITHUB_API_URL, then run again")
        raise ServiceError(f"{told}; run again later, it goes on where it is")

    def _told(self, call: Call, trouble: Trouble) -> str:
        return f"{call.url.host} does not answer {call.what}: {trouble.in_words()}"
