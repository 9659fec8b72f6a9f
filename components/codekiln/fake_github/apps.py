"""GitHub Apps: an installation's tokens, which live for an hour."""

import re

from codekiln.fake_github.dice import sha
from codekiln.fake_github.messages import Asked, Said, problem
from codekiln.fake_github.moments import stamp

LIFE_S = 3_600
_TOKENS = re.compile(r"/app/installations/(\d+)/access_tokens")


class Apps:
    """The tokens that were given out, each with the moment of its end."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    def expired(self, token: str, now: float) -> bool:
        """Tell whether `token` was given out here and is over."""
        return now >= self._ends.get(token, float("inf"))

    def answer(self, asked: Asked, token: str, now: float) -> Said:
        """Give out a token for a JSON web token; its signature is not looked at."""
        match = _TOKENS.fullmatch(asked.path)
        if match is None or asked.method != "POST":
            return problem(404, "Not Found")
        if token.count(".") != 2:
            return problem(401, "A JSON web token could not be decoded", "rest")
        made = f"ghs_{sha(match[1], len(self._ends), int(now))}"[:40]
        self._ends[made] = now + LIFE_S
        told = {"token": made, "expires_at": stamp(now + LIFE_S), "permissions": {}}
        said = Said.of_json(told, points=0)
        said.status = 201
        return said
