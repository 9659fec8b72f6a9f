"""What goes wrong, and when: by a script, or by chance that repeats with its seed."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codekiln.core.errors import InputError
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.limits import graphql_error
from codekiln.fake_github.messages import Asked, Said, problem

_HTML = b"""<!DOCTYPE html>
<html><head><title>Unicorn! &middot; GitHub</title></head><body>
<p><strong>We had issues producing the response to your request.</strong></p>
<p>Sorry about that. Please try refreshing and contact us if the problem persists.</p>
</body></html>
"""
_WRONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug. Please include `{}` when reporting this issue."
)
_LATE = (
    "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your "
    "request and contact us if the problem persists."
)
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
_CUT = 0.6
"""Share of a body that a broken connection lets through."""


def _limited(status: int, retry_after: int | None) -> Callable[[Dice], Said]:
    def said(_dice: Dice) -> Said:
        answer = problem(status, _SECONDARY)
        if retry_after is not None:
            answer.headers["retry-after"] = str(retry_after)
        return answer

    return said


def _failed(status: int, message: str) -> Callable[[Dice], Said]:
    return lambda _dice: problem(status, message)


def _html(status: int) -> Callable[[Dice], Said]:
    return lambda _dice: Said(status, _HTML, {"content-type": "text/html; charset=utf-8"})


def _query_failed(kind: str, message: str) -> Callable[[Dice], Said]:
    return lambda dice: graphql_error(kind, message.format(f"{dice.below(1 << 32):08X}:FA5E"))


INSTEAD: Mapping[str, Callable[[Dice], Said]] = {
    "403": _limited(403, 30),
    "403-bare": _limited(403, None),
    "429": _limited(429, 20),
    "429-bare": _limited(429, None),
    "500": _failed(500, "Server Error"),
    "502": _html(502),
    "503": _failed(503, "Service Unavailable"),
    "504": _failed(504, _LATE),
    "html": _html(200),
    "errors": _query_failed("", _WRONG),
    "limited": _query_failed("RATE_LIMITED", _SECONDARY),
}
"""Answers that come instead of the real one."""
BLOCKS_S = {"403": 30.0, "403-bare": 30.0, "429": 20.0, "429-bare": 20.0, "limited": 30.0}
"""How long GitHub goes on refusing after such an answer, in seconds."""
CHANGES = ("reset", "reset-early", "truncated", "garbage", "partial", "incomplete", "slow")
"""What happens to the real answer."""
ONLY = {
    "errors": ("graphql",),
    "limited": ("graphql",),
    "partial": ("graphql",),
    "incomplete": ("search",),
}
"""Faults that make sense for one kind of request only."""
KINDS = (*INSTEAD, *CHANGES)
SLOW = 6.0
"""How much longer a slow answer takes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request."""

    kind: str

    @property
    def blocks_s(self) -> float:
        """Return for how long GitHub refuses everything after this fault."""
        return BLOCKS_S.get(self.kind, 0.0)

    def instead(self, dice: Dice) -> Said | None:
        """Return the answer that comes instead of the real one, if any."""
        if self.kind not in INSTEAD:
            return None
        said = INSTEAD[self.kind](dice)
        said.points = 0 if self.blocks_s else 1
        return said

    def after(self, said: Said, seconds: float, dice: Dice) -> tuple[Said, float]:
        """Return the answer and its delay, as the fault leaves them."""
        if self.kind == "slow":
            return said, seconds * SLOW
        if self.kind == "reset-early":
            said.cut, said.body = "reset", b""
        elif self.kind in ("reset", "truncated"):
            said.cut = "reset" if self.kind == "reset" else "truncated"
        elif self.kind == "garbage":
            said.body = said.body[: int(len(said.body) * _CUT)]
        elif self.kind == "partial":
            said.body = without_some_nodes(said.body, dice)
        elif self.kind == "incomplete":
            said.body = incomplete(said.body)
        return said, seconds


def timed_out(said: Said, dice: Dice) -> Said:
    """Return what GitHub says to a query that took too long: it costs more than the query would."""
    if dice.chance(0.5):
        late = problem(504, _LATE)
    else:
        late = _query_failed("", _WRONG)(dice)
        late.status = 502
    late.points = 2 * said.points
    return late


def incomplete(body: bytes) -> bytes:
    """Return a search's answer that ran out of time: fewer results than there are."""
    told = json.loads(body)
    if "items" not in told:
        return body
    told["items"] = told["items"][: len(told["items"]) // 2]
    told["incomplete_results"] = True
    return json.dumps(told).encode()


def without_some_nodes(body: bytes, dice: Dice) -> bytes:
    """Return a query's answer in which some of the nodes are null, each with its error."""
    told = json.loads(body)
    errors = list(told.get("errors", []))
    for key, nodes in (told.get("data") or {}).items():
        for place, node in enumerate(nodes if isinstance(nodes, list) else ()):
            if node is not None and dice.chance(0.2):
                nodes[place] = None
                message = _WRONG.format(f"{dice.below(1 << 32):08X}:FA5E")
                errors.append({"message": message, "path": [key, place]})
    return json.dumps(told | {"errors": errors} if errors else told).encode()


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault of a script: the `first` to `last` request that fits `where`, or every `step`-th."""

    kind: str
    first: int
    last: int
    step: int
    where: str

    def fits(self, kind: str, asked: Asked) -> bool:
        """Tell whether this rule counts a request."""
        if kind not in ONLY.get(self.kind, (kind,)):
            return False
        return not self.where or self.where == kind or self.where in asked.path

    def strikes(self, count: int) -> bool:
        """Tell whether the `count`-th request that fits is hit."""
        return self.first <= count <= self.last and (count - self.first) % self.step == 0


_RULE = re.compile(
    r"(?P<kind>[a-z0-9-]+)@(?:(?P<first>\d+)(?:-(?P<last>\d+))?|every(?P<step>\d+))(?::(?P<where>\S+))?"
)
_MIXES = {"mild": 0.01, "rough": 0.12}


@dataclass
class Faults:
    """Faults by rules, and beside them a share of all requests that any fault may hit."""

    rules: Sequence[Rule] = ()
    share: float = 0.0
    seed: int = 0
    kinds: Sequence[str] = KINDS
    counts: Counter[int] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    @classmethod
    def parse(cls, script: str, seed: int = 0) -> "Faults":
        """Read a script, or "mild" (1 % of all requests fail) or "rough" (12 %).

        A script is words like `502@3`, `429@5-7`, `reset@every10`, each with an optional `:where`
        that counts only requests of one kind (rest, graphql, search, git) or with that in their
        path: `502@3:graphql 429@1-2:/pulls`. Raises InputError.
        """
        if script in _MIXES:
            return cls(share=_MIXES[script], seed=seed)
        return cls(rules=list(_rules(re.split(r"[\s,;]+", script.strip()))))

    @classmethod
    def mix(cls, seed: int, share: float, kinds: Sequence[str] = KINDS) -> "Faults":
        """Let a `share` of all requests fail, each by one of `kinds`, drawn from `seed`."""
        return cls(share=share, seed=seed, kinds=kinds)

    def next(self, kind: str, asked: Asked) -> Fault | None:
        """Return what goes wrong with this request, if anything does."""
        self.requests += 1
        name = self._by_rule(kind, asked) or self._by_chance(kind)
        if not name:
            return None
        self.struck[name] += 1
        return Fault(name)

    def _by_rule(self, kind: str, asked: Asked) -> str:
        struck = ""
        for place, rule in enumerate(self.rules):
            if rule.fits(kind, asked):
                self.counts[place] += 1
                if rule.strikes(self.counts[place]):
                    struck = struck or rule.kind
        return struck

    def _by_chance(self, kind: str) -> str:
        if not self.share:
            return ""
        dice = Dice(self.seed, "fault", self.requests)
        if not dice.chance(self.share):
            return ""
        return dice.pick([one for one in self.kinds if kind in ONLY.get(one, (kind,))])


def _rules(words: Iterable[str]) -> Iterable[Rule]:
    for word in filter(None, words):
        match = _RULE.fullmatch(word)
        if match is None or match["kind"] not in KINDS:
            known = ", ".join(KINDS)
            raise InputError(f"fault {word!r}: want KIND@N, KIND@N-M or KIND@everyN, of {known}")
        step = int(match["step"] or 1)
        first = int(match["first"] or step)
        last = 10**12 if match["step"] else int(match["last"] or first)
        yield Rule(match["kind"], first, last, step, match["where"] or "")
