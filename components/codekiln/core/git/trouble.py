"""What git's complaints about a remote mean: gone for good, missing, refused, worth a retry."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.git.command import last_words

SHA = rb"([0-9a-f]{40}(?:[0-9a-f]{24})?)"
MISSING = re.compile(
    rb"not our ref " + SHA + rb"|want " + SHA + rb" not valid|unadvertised object " + SHA
)


class RemoteGoneError(CodekilnError):
    """There is no such repository, or it is not for us: deleted, private, taken down."""


@dataclass
class MissingError(Exception):
    """The remote lacks objects that it was asked for, `named` among them; nothing came."""

    named: frozenset[str]


def full(url: str, words: str) -> Exception:
    """Say that there is no room, here."""
    return ServiceError(f"no room for {url}: {words}; free some space and run again")


def refused(url: str, words: str) -> Exception:
    """Say that the remote does not believe the token."""
    return InputError(f"{url} refused the token ({words}): check it, and that it has not expired")


def forbidden(url: str, words: str) -> Exception:
    """Say that we do not fetch so."""
    return InputError(f"{url} cannot be fetched ({words}): give an https URL")


def gone(url: str, words: str) -> Exception:
    """Say that there is nothing for us."""
    return RemoteGoneError(f"{url} is gone, or not for us: {words}")


MEANINGS: tuple[tuple[bytes, Callable[[str, str], Exception]], ...] = (
    (rb"No space left on device|Disk quota exceeded", full),
    (rb"Authentication failed|Invalid username or|returned error: 401", refused),
    (rb"transport '[^\n']*' not allowed|protocol '[^\n']*' is not supported", forbidden),
    (rb"repository '[^\n]*' not found|Repository not found|not appear to be a git repo", gone),
    (
        rb"not a git repository|repository '[^\n]*' does not exist|returned error: 4(?:04|10|51)",
        gone,
    ),
    (rb"could not read Username|Repository unavailable|access blocked|has been disabled", gone),
    (rb"access[^\n]* not granted|Permission[^\n]* denied", gone),
)
"""What git or GitHub says, and what it means; the first that fits counts."""


def final(complaints: bytes, url: str) -> Exception | None:
    """Return the error that no patience can change, None where another try may help."""
    named = frozenset(sha.decode() for found in MISSING.findall(complaints) for sha in found if sha)
    if named:
        return MissingError(named)
    for pattern, error in MEANINGS:
        if found := re.search(pattern, complaints, re.IGNORECASE):
            return error(url, around(complaints, found.start()))
    return None


def around(complaints: bytes, place: int) -> str:
    """Return the line of `complaints` with this place in it."""
    start, end = complaints.rfind(b"\n", 0, place) + 1, complaints.find(b"\n", place)
    return last_words(complaints[start : end if end >= 0 else None])


def lasting(complaints: bytes, url: str) -> ServiceError:
    """Return the error of a remote that went on failing."""
    words = last_words(complaints)
    if b"returned error: 403" in complaints:
        # GitHub says so, too, when it is asked too often: it tells nothing of what is there.
        return ServiceError(
            f"{url} refuses us: {words}; check that the token may read contents, wait a while and "
            "run again"
        )
    return ServiceError(
        f"{url} did not give what was asked for: {words}; check the network and run again"
    )
