"""The record of one commit, and how a folder of them is written and read.

A folder holds `commits-00000.parquet`, `commits-00001.parquet`, ...: Parquet, zstd, one row a
commit, parents before children and otherwise by committer time over all files in order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.corpus import time_order
from codekiln.core.corpus.grouped_file import Group, GroupedFile
from codekiln.core.corpus.shards import PATTERN
from codekiln.core.corpus.shards import shard as shard  # part of how a folder is written
from codekiln.core.errors import InputError

VERSION = "1"
GROUP = Group(rows=250, bytes=2 << 20)
"""Commits, and bytes of their diffs."""

OPEN_GROUPS = 8
"""How many row groups `in_time_order` keeps at once: neighbors in time are neighbors in files."""


# These are not frozen: that would take three times as long to make each of very many.
@dataclass(slots=True, kw_only=True)
class FileChange:
    """What one commit did to one file.

    `change_type` is git's letter: Added, Modified, Deleted, Renamed, Copied, Type changed;
    `original_path` is set for the renamed and copied. `insertions` and `deletions` are lines, all
    of them even where `diff_text` (hunks only, no header) is cut. `complexity` is that of a commit
    with hunks in the place of files. Modes are git's (0o100644); a blob of zeros is none.
    """

    path: str
    original_path: str | None
    change_type: str
    insertions: int
    deletions: int
    hunks: int
    complexity: float
    diff_text: str
    diff_truncated: bool
    is_binary: bool
    old_mode: int
    new_mode: int
    old_blob: str
    new_blob: str


@dataclass(slots=True, kw_only=True)
class Unit:
    """A top-level unit (crate, module, package, folder) and how many files changed in it."""

    name: str
    files: int


@dataclass(slots=True, kw_only=True)
class Commit:
    """One commit.

    `order` is its place in the history, parents before children. Times are seconds since 1970 in
    UTC; a broken one is the other's, or 0, and `dates_are_sane` is false; zones are as written,
    with an offset of 0 where they are none. `work_hour` (0 to 23) and `day_of_week` (Monday 0) are
    in the author's zone; `time_since_parent` is seconds from the first parent's commit.

    `branches` are names, at most so many as the miner was told, of the local and remote-tracking
    branches that contain the commit; `branch_count` says of how many. `tags` point at it.

    The diff is with the first parent, or with the empty tree for a root. `files_modified` includes
    type changes. `diff_status` is `whole`; `capped` (texts or list cut, counts of everything);
    `boundary` (the parent is not in the repository: no diff); `unreadable` (an object is missing,
    or git would need too much memory: no diff). `diff_bytes` is the size of all hunks before any
    cut.

    `merge_base` is the newest commit that all parents contain; `resolved_conflicts` says that the
    merge holds lines which no parent holds in that place (`git show --cc` is not empty).
    `is_squash` knows `squash!` and the subjects and texts of squash merges; `is_fixup` knows
    `fixup!` and `amend!`. `related_commits` are full hashes of commits named in the message.
    """

    order: int
    hash: str
    abbrev_hash: str
    parents: list[str]
    tree_hash: str
    author_name: str
    author_email: str
    author_time: int
    author_timezone: str
    author_utc_offset_minutes: int
    committer_name: str
    committer_email: str
    committer_time: int
    committer_timezone: str
    committer_utc_offset_minutes: int
    dates_are_sane: bool
    encoding: str
    subject: str
    body: str
    full_message: str
    message_truncated: bool
    is_signed: bool
    is_root: bool
    is_merge: bool
    is_squash: bool
    is_fixup: bool
    is_revert: bool
    branches: list[str]
    branch_count: int
    tags: list[str]
    files_added: int
    files_modified: int
    files_deleted: int
    files_renamed: int
    files_binary: int
    files_changed: int
    insertions: int
    deletions: int
    diff_stats: list[FileChange] = field(repr=False)
    diff_status: str
    diff_bytes: int
    merge_parents: list[str]
    merge_base: str | None
    resolved_conflicts: bool
    related_issues: list[str]
    related_commits: list[str]
    time_since_parent: int | None
    work_hour: int
    day_of_week: int
    complexity_score: float
    is_high_risk: bool
    units: list[Unit]


FILE_CHANGE = {
    "path": pa.string(),
    "original_path": pa.string(),
    "change_type": pa.string(),
    "insertions": pa.int64(),
    "deletions": pa.int64(),
    "hunks": pa.int32(),
    "complexity": pa.float32(),
    "diff_text": pa.large_string(),
    "diff_truncated": pa.bool_(),
    "is_binary": pa.bool_(),
    "old_mode": pa.int32(),
    "new_mode": pa.int32(),
    "old_blob": pa.string(),
    "new_blob": pa.string(),
}
UNIT = {"name": pa.string(), "files": pa.int32()}
KINDS: dict[Any, pa.DataType] = {int: pa.int64(), str: pa.string(), bool: pa.bool_()}
KINDS |= {float: pa.float64(), list[str]: pa.list_(pa.string())}
SPECIAL = {
    "merge_base": pa.string(),
    "time_since_parent": pa.int64(),
    "diff_stats": pa.list_(pa.struct(list(FILE_CHANGE.items()))),
    "units": pa.list_(pa.struct(list(UNIT.items()))),
}
NESTED: dict[str, dict[str, pa.DataType]] = {"diff_stats": FILE_CHANGE, "units": UNIT}
SCHEMA = pa.schema(
    [(f.name, SPECIAL.get(f.name) or KINDS[f.type]) for f in fields(Commit)],
    metadata={"codekiln.format": "commits", "codekiln.version": VERSION},
)
VALUES = attrgetter(*SCHEMA.names)


class Writer(GroupedFile[Commit]):
    """Writes one Parquet file of commits."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            SCHEMA,
            GROUP,
            compression_level=1,
            use_dictionary=False,  # zstd finds the repeated words itself: the same size, sooner
            write_statistics=["order", "committer_time"],
        )

    def add(self, commit: Commit) -> None:
        """Write `commit`, in its turn."""
        self.hold(commit, sum(len(change.diff_text) for change in commit.diff_stats))

    def table(self, rows: list[Commit]) -> pa.Table:
        """Return the table that `rows` are."""
        values = zip(*map(VALUES, rows), strict=True)
        columns = [column(v, name) for v, name in zip(values, SCHEMA.names, strict=True)]
        return pa.Table.from_arrays(columns, schema=SCHEMA)


def column(values: Sequence[Any], name: str) -> pa.Array:
    """Return a column of `values`; a nested one is built flat, ten times faster than row by row."""
    if name not in NESTED:
        return pa.array(values, SCHEMA.field(name).type)
    parts = NESTED[name]
    items = map(attrgetter(*parts), chain.from_iterable(values))
    flat = list(zip(*items, strict=True)) or [()] * len(parts)
    children = [pa.array(v, kind) for v, kind in zip(flat, parts.values(), strict=True)]
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    structs = pa.StructArray.from_arrays(children, fields=list(pa.struct(list(parts.items()))))
    return pa.ListArray.from_arrays(pa.array(offsets), structs)


def shards(folder: Path) -> list[Path]:
    """Return the files of `folder` in order; raise InputError if none, or of another version."""
    found = sorted(folder.glob(PATTERN))
    if not found:
        raise InputError(f"{folder} holds no {PATTERN}: give a folder that mine_commits wrote")
    told = (pq.read_schema(found[0]).metadata or {}).get(b"codekiln.version", b"?").decode()
    if told != VERSION:
        raise InputError(f"{folder} has commits of version {told}, wanted {VERSION}: mine again")
    return found


def rows(folder: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Read the rows of `folder` as they lie, only these columns, one row group in memory."""
    for path in shards(folder):
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                table = file.read_row_group(number, columns=columns)
                for batch in table.to_batches(max_chunksize=64):
                    yield from batch.to_pylist()


def read(folder: Path) -> Iterator[Commit]:
    """Read the commits of `folder` as they lie: parents before children."""
    return (commit_of(row) for row in rows(folder))


def commit_of(row: dict[str, Any]) -> Commit:
    """Make a Commit of a whole row."""
    changes = [FileChange(**change) for change in row["diff_stats"]]
    units = [Unit(**unit) for unit in row["units"]]
    return Commit(**{**row, "diff_stats": changes, "units": units})


def in_time_order(folder: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Read rows by committer time, ties with parents first; a few row groups in memory.

    Rows lie nearly in that order already; the rare one with a strange date costs one more read.
    """
    places, groups, inside = time_order.located(shards(folder))
    held: dict[int, list[dict[str, Any]]] = {}
    for group, row in zip(groups, inside, strict=True):
        if group not in held:
            held[group] = time_order.group_rows(places[group], columns)
        held[group] = held.pop(group)  # put back last: the one used last is the last to go
        if len(held) > OPEN_GROUPS:
            held.pop(next(iter(held)))
        yield held[group][row]
