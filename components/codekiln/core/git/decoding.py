"""Turning bytes of any encoding, declared or not, into text that UTF-8 can hold."""

import codecs

STATEFUL = {"iso2022_jp", "iso2022_kr", "hz", "utf-7", "utf-16", "utf-32"}
"""Encodings whose bytes look like good UTF-8 but mean something else."""


def decoded(data: bytes, encoding: str = "") -> str:
    """Return `data` as text that UTF-8 can hold: UTF-8, else as declared, else Latin-1."""
    if (encoding and not data.isascii()) or b"\x1b" in data:
        return by_name(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def by_name(data: bytes, encoding: str) -> str:
    """Return `data` read as UTF-8 or by its declared encoding, which may not exist."""
    try:
        codec = codecs.lookup(encoding).name if encoding else "utf-8"
    except (LookupError, ValueError):
        codec = "utf-8"
    order = [codec, "utf-8"] if codec in STATEFUL else ["utf-8", codec]
    for name in order:
        try:
            text = data.decode(name)
            text.encode("utf-8")
        except (LookupError, ValueError):
            continue  # no such text encoding, or not these bytes
        return text
    return data.decode("latin-1")


def whole_characters(data: bytes) -> bytes:
    """Return `data`, cut anywhere, without a broken UTF-8 character at its end."""
    start = len(data) - 1
    while start >= 0 and len(data) - start < 4 and data[start] & 0xC0 == 0x80:
        start -= 1
    if start >= 0 and data[start] >= 0xC0:
        return data[:start]
    return data
