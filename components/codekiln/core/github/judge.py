"""Reading an answer: is it what was asked for, a limit, an accident, or a refusal? Pure.

GitHub's words are from its documentation and from answers that others have met: a spent budget is
told as 403, 429 or 200; the error's type is RATE_LIMITED or RATE_LIMIT; x-ratelimit-remaining need
not be 0 then (octokit/plugin-throttling.js 632 and 636, yanyongyu/githubkit 271); a takedown is
451, or 403 with a block (github/rest-api-description 3314).
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.github import documents
from codekiln.core.github.errors import GoneError
from codekiln.core.github.purse import Refusal
from codekiln.core.github.rate_headers import retry_after, says_spent, told
from codekiln.core.github.verdicts import (
    Broken,
    Good,
    Moved,
    Refused,
    Unauthorized,
    Verdict,
)

REDIRECTS = {301, 302, 307, 308}
GONE = {404: "vanished", 410: "vanished", 451: "blocked"}
TIMED_OUT = {502, 503, 504}
PASSING = {202, 408, 409, 425}
"""Statuses that a later try may not get."""

SECONDARY = re.compile(
    r"secondary rate|abuse detection|submitted too quickly|temporarily blocked", re.IGNORECASE
)
PRIMARY = re.compile(
    r"rate limit (already )?exceeded|exceeded (the|your) rate limit", re.IGNORECASE
)
SHUT_OUT = re.compile(
    r"SAML|IP allow list|access blocked|forbids access|has blocked|suspended repo|disabled",
    re.IGNORECASE,
)
"""Words of a 403 about one organization or repository; others may be open to us."""
NO_RIGHT = re.compile(
    r"not accessible by|must have|scope|bad credentials|account (was|is|has been) suspended"
    r"|administrative rules|requires authentication",
    re.IGNORECASE,
)
"""Words of a 403 about our token as such."""
LIMIT_TYPES = {"RATE_LIMITED", "RATE_LIMIT"}


def judge(
    status: int, headers: Mapping[str, str], body: bytes, what: str, *, has_etag: bool = False
) -> Verdict:
    """Say what an answer of the REST API to `what` (a path) means; `has_etag`: asked with one."""
    if status == HTTPStatus.NOT_MODIFIED:
        return Good(None) if has_etag else Broken("status 304 out of the blue")
    if status in REDIRECTS:
        return _moved(headers)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING:
        after = retry_after(headers) or 0.0
        return Broken(f"status {status}", after=after, heavy=status in TIMED_OUT)
    try:
        document = documents.parse(body)
    except documents.NoDocumentError as error:
        document = None
        if status < HTTPStatus.BAD_REQUEST:
            return Broken(str(error))
    if status < HTTPStatus.BAD_REQUEST:
        return _good(headers, document)
    return _refused(status, headers, document, what)


def limit_in(headers: Mapping[str, str], message: str) -> Refusal | None:
    """Return the limit that `message` tells of, None if it tells of none."""
    after = retry_after(headers)
    if SECONDARY.search(message):
        return Refusal(primary=False, seconds=after, message=message)
    if PRIMARY.search(message):
        return Refusal(primary=True, seconds=_until_reset(headers, after), message=message)
    return None


def _good(headers: Mapping[str, str], document: Any) -> Verdict:
    """Return `document`, unless it is an error message under a good status."""
    if isinstance(document, dict) and "message" in document and len(document) <= 4:
        message = documents.message(document)
        limit = limit_in(headers, message)
        if limit or "documentation_url" in document or len(document) == 1:
            return limit or Broken("an error under 200")
    return Good(document)


def _moved(headers: Mapping[str, str]) -> Verdict:
    location = headers.get("location", "")
    return Moved(location) if location else Broken("a redirect to nowhere")


def _refused(status: int, headers: Mapping[str, str], document: Any, what: str) -> Verdict:
    message = documents.message(document)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(message)
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return _forbidden(status, headers, document, what)
    if status in GONE:
        # A proxy's or a broken server's page is no word of GitHub's on what is gone.
        if document is None:
            return Broken(f"status {status} without a document")
        return Refused(GoneError(_told(what, status, message), reason=GONE[status], status=status))
    return Refused(InputError(f"GitHub does not understand {_told(what, status, message)}"))


def _forbidden(status: int, headers: Mapping[str, str], document: Any, what: str) -> Verdict:
    message = documents.message(document)
    limit = limit_in(headers, message)
    if limit:
        return limit
    if isinstance(document, dict) and ("block" in document or SHUT_OUT.search(message)):
        reason = "blocked" if "block" in document else "forbidden"
        return Refused(GoneError(_told(what, status, message), reason=reason, status=status))
    after = retry_after(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS or after is not None or says_spent(headers):
        spent = after is None and says_spent(headers)
        until = _until_reset(headers, None) if spent else after
        return Refusal(primary=spent, seconds=until, message=message or f"status {status}")
    if NO_RIGHT.search(message):
        return Refused(InputError(f"the token may not read {_told(what, status, message)}: give it "
                                  "the right to read repositories and pull requests"))  # fmt: skip
    if message:
        return Refused(GoneError(_told(what, status, message), reason="forbidden", status=status))
    return Refusal(primary=False, seconds=None, message=f"status {status} without a word")


def _until_reset(headers: Mapping[str, str], after: float | None) -> float | None:
    if after is not None:
        return after
    found = told(headers)
    return found.reset_in if found else None


def _told(what: str, status: int, message: str) -> str:
    return f"{what} ({status}: {message or 'no message'})"
