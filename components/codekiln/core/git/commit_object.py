"""Reading the text of a commit object as git wrote it, or as whoever wrote it did."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from codekiln.core.git.decoding import decoded, whole_characters

EARLIEST, LATEST = -62135596800, 253402300799
"""Years 1 to 9999, which is what calendars (and Python's) can say."""

WIDEST_ZONE_MINUTES = 14 * 60
"""The widest time zone on earth is Kiritimati's, UTC+14."""

STAMP = re.compile(rb"^ *(-?\d{1,25})(?: +(\S+))?")
ZONE = re.compile(r"^([+-])(\d\d)(\d\d)$")


class Moment(NamedTuple):
    """A time as written: seconds since 1970 (None if it says none that a calendar has), zone.

    `zone` is what stands there, even if it is no zone; `offset_minutes` is 0 then.
    """

    seconds: int | None
    zone: str
    offset_minutes: int
    is_sane: bool


class Ident(NamedTuple):
    """Who, and when."""

    name: str
    email: str
    when: Moment


class CommitObject(NamedTuple):
    """The parts of a commit object."""

    tree: str
    parents: list[str]
    author: Ident
    committer: Ident
    encoding: str
    message: str
    is_signed: bool
    is_cut: bool


def parse(data: bytes, size: int) -> CommitObject:
    """Read a commit of `size` bytes of which `data` are the first; never fails."""
    head, _, message = data.partition(b"\n\n")
    lines = head.split(b"\n")
    headers = first_headers(lines)
    encoding = headers.get(b"encoding", b"").decode("ascii", "replace").strip()
    text = decoded(whole_characters(message) if len(data) < size else message, encoding)
    return CommitObject(
        tree=headers.get(b"tree", b"").decode("ascii", "replace"),
        parents=parents_of(lines),
        author=ident(headers.get(b"author", b""), encoding),
        committer=ident(headers.get(b"committer", b""), encoding),
        encoding=encoding or "utf-8",
        message=text,
        is_signed=b"gpgsig" in headers or b"gpgsig-sha256" in headers,
        is_cut=len(data) < size,
    )


def first_headers(lines: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the first line of each header; a line that begins with a space goes on another."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        key, _, value = line.partition(b" ")
        if key:
            found.setdefault(key, value)
    return found


def parents_of(lines: Sequence[bytes]) -> list[str]:
    """Return the parents, each once, in order."""
    named = [line for line in lines if line.startswith(b"parent ")]
    return list(dict.fromkeys([line[7:].decode("ascii", "replace") for line in named]))


def ident(line: bytes, encoding: str) -> Ident:
    """Read `Name <email> seconds zone`, or what there is of it."""
    who, closing, stamp = line.rpartition(b">")
    if not closing:
        who, stamp = line, b""
    return Ident(*person(who, encoding), moment(stamp))


@lru_cache(maxsize=4096)
def person(who: bytes, encoding: str) -> tuple[str, str]:
    """Return name and e-mail; the same few people write most commits."""
    name, _, email = who.partition(b"<")
    email = email.partition(b">")[0]
    return clean(decoded(name, encoding)), clean(decoded(email, encoding))


def clean(text: str) -> str:
    """Return a name on one line, without NULs and outer blanks."""
    return " ".join(text.replace("\0", "").split())


def moment(stamp: bytes) -> Moment:
    """Read `seconds zone`; a zone that is no zone counts as UTC."""
    found = STAMP.match(stamp)
    if not found:
        return Moment(None, "", 0, is_sane=False)
    seconds = int(found[1])
    zone, offset = zone_of(found[2] or b"")
    in_calendar = EARLIEST + 86400 <= seconds <= LATEST - 86400
    is_sane = in_calendar and seconds >= 0 and offset is not None
    return Moment(seconds if in_calendar else None, zone, offset or 0, is_sane)


@lru_cache(maxsize=512)
def zone_of(written: bytes) -> tuple[str, int | None]:
    """Return a zone as text and its minutes east of UTC."""
    zone = written.decode("utf-8", "replace")[:64]
    return zone, offset_minutes(zone)


def offset_minutes(zone: str) -> int | None:
    """Return the minutes east of UTC that `zone` (+0530) says, None if none on earth does."""
    found = ZONE.match(zone)
    if not found or int(found[3]) > 59:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > WIDEST_ZONE_MINUTES:
        return None
    return -minutes if found[1] == "-" else minutes
