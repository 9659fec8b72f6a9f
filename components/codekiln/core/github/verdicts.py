"""What one answer of GitHub means, whatever its status says. Pure."""

from dataclasses import dataclass
from typing import Any

from codekiln.core.errors import CodekilnError
from codekiln.core.github.purse import Refusal


@dataclass(frozen=True, slots=True)
class Good:
    """What was asked for; `body` is None with 304."""

    body: Any


@dataclass(frozen=True, slots=True)
class Moved:
    """It is elsewhere."""

    location: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Something went wrong between GitHub and us; another try may pass."""

    reason: str
    """A few words, the same for all of the kind: they are counted by it."""
    after: float = 0.0
    """Seconds that GitHub wants to be left alone."""
    heavy: bool = False
    """Perhaps the query took too long."""
    hopeless: bool = False
    """GitHub says that this very query asks for too much."""
    partly: Any = None
    """What came all the same, if part of it did."""


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """The token is not accepted; right after it was made, and now and then, a good one is not."""

    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No, and it will be no again."""

    error: CodekilnError


Verdict = Good | Moved | Broken | Unauthorized | Refused | Refusal
