"""The repositories of a collection, how a folder of them is written and read, and cut into shards.

A folder holds `repositories.parquet`, one row a repository, most stars first, and the same as JSON
lines, for people and other programs. The Parquet file's metadata says as of when they were asked
for: every later step of a run works with that moment, not with a clock of its own.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.errors import InputError

VERSION = "1"
TABLE = "repositories.parquet"
LINES = "repositories.jsonl"

SLUG = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$")
"""owner/name, as GitHub allows them."""

AS_OF = b"codekiln.as_of"
MACRO = re.compile(r"^\[\[\w+(\..*)?\]\]$|^\{\{\$\..*\}\}$")
"""What Kubeflow puts a time in the place of; its v2 backend leaves it as it is
(github.com/kubeflow/pipelines/issues/12494)."""
COMPACT = "%Y%m%d%H%M%S"
"""How Kubeflow writes [[ScheduledTime]], in UTC (parameter_formatter.go)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository as GitHub described it.

    `node_id` stays when `name` (owner/name) changes. `license` is an SPDX identifier, "" where
    GitHub knows none. `size_kib` is GitHub's figure for its storage. `pushed_at` is None for a
    repository that nothing was ever pushed to.
    """

    node_id: str
    name: str
    default_branch: str
    license: str
    stars: int
    size_kib: int
    pushed_at: datetime | None
    archived: bool
    fork: bool
    language: str
    description: str


KINDS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    datetime | None: pa.timestamp("ms", "UTC"),
}
SCHEMA = pa.schema(
    [
        pa.field(name, KINDS[kind], nullable=name == "pushed_at")
        for name, kind in get_type_hints(Repository).items()
    ],
    metadata={"codekiln.format": "repositories", "codekiln.version": VERSION},
)


def write(folder: Path, repositories: Iterable[Repository], as_of: datetime) -> None:
    """Write `repositories`, most stars first, and the moment that they are told of."""
    kept = sorted(repositories, key=lambda found: (-found.stars, found.name.lower()))
    rows = [dataclasses.asdict(found) for found in kept]
    told = {**SCHEMA.metadata, AS_OF: as_of.astimezone(UTC).isoformat().encode()}
    table = pa.Table.from_pylist(rows, schema=SCHEMA.with_metadata(told))
    pq.write_table(table, folder / TABLE, compression="zstd")
    with (folder / LINES).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, default=_text, ensure_ascii=False) + "\n" for row in rows)


def _text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(folder: Path) -> list[Repository]:
    """Return the repositories of `folder`, most stars first; raises InputError if it has none."""
    _told(folder)
    rows = pq.read_table(folder / TABLE).to_pylist()
    return [Repository(**row) for row in rows]


def as_of(folder: Path) -> datetime:
    """Return the moment that the repositories of `folder` are told of; raises InputError."""
    return datetime.fromisoformat(_told(folder)[AS_OF].decode())


def _told(folder: Path) -> dict[bytes, bytes]:
    """Return the metadata of a folder of repositories; raises InputError if it is none."""
    if not (folder / TABLE).is_file():
        raise InputError(f"{folder} holds no {TABLE}: give a folder that discover_repos wrote")
    told: dict[bytes, bytes] = pq.read_schema(folder / TABLE).metadata or {}
    version = told.get(b"codekiln.version", b"?").decode()
    if version != VERSION or AS_OF not in told:
        raise InputError(
            f"{folder} has repositories of version {version}, wanted {VERSION}: discover again"
        )
    return told


def of_shard(repositories: Iterable[Repository], shard: int, shards: int) -> list[Repository]:
    """Return those of `repositories` that the collector `shard` of `shards` (0 and up) has."""
    return [found for found in repositories if shard_of(found.node_id, shards) == shard]


def shard_of(node_id: str, shards: int) -> int:
    """Return the shard of a repository: the same in every run, whatever else is on the list."""
    return int.from_bytes(hashlib.sha256(node_id.encode()).digest()[:8], "big") % shards


def moment(text: str, now: datetime) -> datetime:
    """Read the moment that a run is told to work as of: `now` if it is told none.

    ISO 8601 (2026-11-21, 2026-11-21T02:00Z; without a zone it is UTC) or Kubeflow's fourteen
    digits; one of Kubeflow's macros that nobody replaced is none. Raises InputError on others.
    """
    told = text.strip()
    if not told or is_macro(told):
        return now.astimezone(UTC).replace(microsecond=0)
    form = COMPACT if re.fullmatch(r"\d{14}", told) else ""
    try:
        found = datetime.strptime(told, form) if form else datetime.fromisoformat(told)  # noqa: DTZ007 -- it gets its zone below
    except ValueError as error:
        raise InputError(
            f"as_of is {text!r}; give a time such as 2026-11-21 or 2026-11-21T02:00Z, or nothing "
            "for now"
        ) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def is_macro(text: str) -> bool:
    """Say whether `text` is a macro of Kubeflow's that nobody replaced."""
    return MACRO.match(text.strip()) is not None


def totals(repositories: Sequence[Repository]) -> dict[str, int]:
    """Count repositories by license, most frequent first."""
    counted: dict[str, int] = {}
    for found in repositories:
        counted[found.license or "unknown"] = counted.get(found.license or "unknown", 0) + 1
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
