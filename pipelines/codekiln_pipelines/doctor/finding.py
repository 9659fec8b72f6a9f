"""What a check found, and the shape of a check and of a subject."""

import dataclasses
import enum
import re
from collections.abc import Callable, Sequence

from codekiln.core.errors import CodekilnError

LIMIT_S = 20.0
"""A check that takes longer is cut off; what it waits for is told to give up earlier."""


class State(enum.StrEnum):
    """How a check ended; the words stand in the JSON."""

    OK = "ok"
    WARN = "warn"
    """Runs are possible, or nobody asked for this; something is worth a look."""
    FAIL = "fail"
    SKIP = "skip"
    """Not configured, or not needed here."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line of the report, but for the name of its check."""

    state: State
    found: str
    remedy: str = ""
    """A command, or a sentence that can be done; empty only where all is well."""


@dataclasses.dataclass(frozen=True)
class Line:
    """What the check of that name found."""

    check: str
    finding: Finding


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """One thing to look at; `look` may raise CodekilnError, whose message becomes the line."""

    name: str
    look: Callable[[], Finding]
    gates: bool = False
    """Whether the checks after it can tell nothing unless it is ok or a warning."""
    limit_s: float = LIMIT_S
    remedy: str = "mend what the line says, then run codekiln doctor again"
    """What to do where an error does not say it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """Checks of one thing, done one after the other."""

    name: str
    checks: Sequence[Check]
    asked: bool = True
    """Whether the user asked for it; what fails unasked is a warning."""
    close: Callable[[], None] = lambda: None
    """Remove what the checks left, and let go of what they hold open."""


def ok(found: str) -> Finding:
    """Say that all is well."""
    return Finding(State.OK, found)


def warn(found: str, remedy: str) -> Finding:
    """Say that something is worth a look."""
    return Finding(State.WARN, found, remedy)


def fail(found: str, remedy: str) -> Finding:
    """Say that runs will fail."""
    return Finding(State.FAIL, found, remedy)


def skip(found: str, remedy: str = "") -> Finding:
    """Say that there was nothing to look at, and how there would be."""
    return Finding(State.SKIP, found, remedy)


def of_error(error: CodekilnError, remedy: str) -> Finding:
    """Tell an error as a line: errors of this house say what was found, then what to do."""
    told = re.fullmatch(
        r"(.+?)(?:; |: )((?:check|set|give|get|create|wait|renew|use) .+)", f"{error}"
    )
    return fail(told[1], told[2]) if told else fail(str(error), remedy)
