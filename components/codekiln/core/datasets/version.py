"""The documents of a data set: a version names its entries, an entry its shards.

Each is JSON with sorted keys, so equal values are equal bytes. An entry is named by its digest; a
version holds its own, so that damage shows wherever it is stored.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codekiln.core.errors import InputError

FORMATS = "codekiln data set "
FORMAT = f"{FORMATS}1"


class UnreadableError(ValueError):
    """A document is not what was written."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A file of rows: its digest, how many rows and bytes, its first and last number."""

    sha256: str
    rows: int
    size: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a data set holds under one key: shards by table, in the order of their numbers.

    `state` is JSON of whoever writes the entry (names, cursors, counts); no time of collection, or
    two runs that saw the same would differ.
    """

    key: str
    tables: Mapping[str, Sequence[Shard]] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Return the document; equal entries give equal bytes."""
        tables = {
            name: [dataclasses.asdict(shard) for shard in shards]
            for name, shards in self.tables.items()
            if shards
        }
        return _document({"key": self.key, "state": dict(self.state), "tables": tables})


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the whole data set; `entries` gives the digest of the entry of each key.

    `created` is ISO 8601 in UTC. `parent_digest` is that of the version `parent`: numbers alone do
    not tell whether a version stands on the very one that its writer saw. `prune` is the number of
    the last prune that began before it (see `sweeps`).
    """

    number: int
    parent: int | None
    created: str
    run: str
    note: str
    entries: Mapping[str, str] = field(repr=False)
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)
    parent_digest: str = ""
    prune: int = 0

    @property
    def digest(self) -> str:
        """Return the digest of everything it says."""
        return sha256(_document(self._told()))

    def to_json(self) -> bytes:
        """Return the document, with its digest."""
        return _document({**self._told(), "digest": self.digest})

    def _told(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        return {
            **values,
            "entries": dict(self.entries),
            "state": dict(self.state),
            "format": FORMAT,
        }


def entry_of(data: bytes, told: str) -> Entry:
    """Read an entry whose digest is `told`; raises UnreadableError."""
    if sha256(data) != told:
        raise UnreadableError("its digest is another")
    read = json.loads(data)
    tables = {
        name: tuple(Shard(**shard) for shard in shards) for name, shards in read["tables"].items()
    }
    return Entry(key=read["key"], tables=tables, state=read["state"])


def version_of(data: bytes) -> Version:
    """Read a version; raises UnreadableError, and InputError if a newer program wrote it."""
    try:
        read: dict[str, Any] = json.loads(data)
        told, format_ = read.pop("digest"), read.pop("format")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError("it is no version") from error
    if str(format_).startswith(FORMATS) and format_ != FORMAT:
        raise InputError(
            f"the data set was written by a newer codekiln (in the format {format_!r}; this one "
            f"reads {FORMAT!r}): update codekiln"
        )
    if format_ != FORMAT:
        raise UnreadableError(f"it is in the format {format_!r}, wanted {FORMAT!r}")
    if sha256(_document({**read, "format": format_})) != told:
        raise UnreadableError("its digest is another")
    try:
        return Version(**read)
    except TypeError as error:
        raise UnreadableError("it has other fields than a version") from error


def sha256(data: bytes) -> str:
    """Return the digest of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _document(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
