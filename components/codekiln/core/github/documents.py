"""The JSON documents of GitHub, from whatever bytes came."""

import json
import re
from typing import Any

SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a character, as JSON writes it; two halves make a whole one."""

LONGEST_MESSAGE = 200


class NoDocumentError(ValueError):
    """The bytes are no JSON document; the message says what they are instead."""


def parse(body: bytes) -> Any:
    """Return the document in `body`; raise NoDocumentError."""
    start = body.lstrip()[:1]
    if start not in (b"{", b"["):
        raise NoDocumentError("an empty body" if not start else _kind(body))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NoDocumentError("truncated JSON") from None
    return _whole_characters(found) if SURROGATE.search(body) else found


def message(document: object) -> str:
    """Return the message in an error document, in one line of bounded length."""
    text = document.get("message", "") if isinstance(document, dict) else ""
    return one_line(text)


def one_line(text: object) -> str:
    """Return `text` of a server fit for a log: one line, printable, not too long."""
    told = " ".join(str(text).split())[:LONGEST_MESSAGE]
    return "".join(char if char.isprintable() else "?" for char in told)


def _kind(body: bytes) -> str:
    return "HTML" if body.lstrip()[:1] == b"<" else "text that is no JSON"


def _whole_characters(found: Any) -> Any:
    """Put ? for halves of characters, which nothing after us could write."""
    return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
