"""One credential: something that gives a token whenever a request is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Credential(Protocol):
    """What the client knows of who asks."""

    @property
    def name(self) -> str:
        """What to call it in a message: where it came from."""

    async def token(self) -> str:
        """Return the token of now, or "" to ask without; may wait, raises InputError."""

    def refused(self) -> None:
        """Take note that GitHub refused the token: another one may be had."""

    def secrets(self) -> Sequence[str]:
        """Return what nobody may see, should a server repeat it."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: 60 REST requests an hour for each address, no GraphQL."""

    name: str = "a request without a token"

    async def token(self) -> str:
        """Return no token."""
        return ""

    def refused(self) -> None:
        """Do nothing: there is no other."""

    def secrets(self) -> Sequence[str]:
        """There are none."""
        return ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A token from the environment: a personal access token, or that of a GitHub Action."""

    name: str
    secret: str = field(repr=False)

    async def token(self) -> str:
        """Return the token."""
        return self.secret

    def refused(self) -> None:
        """Do nothing: there is no other."""

    def secrets(self) -> Sequence[str]:
        """Return the token."""
        return (self.secret,)
