"""The record of one pull request and the line that a ledger keeps of it, with their Arrow schemas.

Both are rows of tables of a versioned data set, sorted by `number`, one entry a repository. Every
value is GitHub's or git's own: nothing in a row tells when, how or by whom it was collected, so two
runs that see the same pull request write the same bytes.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa

VERSION = "1"

COLLECTED = "collected"
FILTERED = "filtered"
FAILED = "failed"
OUTCOMES = (COLLECTED, FILTERED, FAILED)
"""What can become of a pull request that was listed: each has exactly one."""

TIME = pa.timestamp("ms", "UTC")
"""GitHub's times are whole seconds; Parquet has no unit so coarse and would store them as these."""

LARGE = frozenset({"patch", "before", "after"})
"""Texts of files: together they may pass the 2 GiB that a plain column of strings can hold."""

Record = TypeVar("Record")
Row = dict[str, Any]
"""One row as Arrow gives it; made by `to_row` and understood by `from_row`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """What a pull request did to one file, from the merge base to its head.

    `status` is in GitHub's words: added, modified, removed, renamed, copied, changed. `patch` holds
    the hunks only, as the field of this name in GitHub's answers, "" where there is none. `before`
    and `after` are whole contents: None where the side does not exist, or was not wanted, or is not
    text; `truncated` says that a patch or content was cut or left out for its size. `additions` and
    `deletions` are lines, all of them, whatever was cut.
    """

    path: str
    original_path: str | None
    status: str
    additions: int
    deletions: int
    binary: bool
    patch: str
    before: str | None
    after: str | None
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCommit:
    """One commit of a pull request; `time` is its author's, None where git holds no sane one."""

    sha: str
    author_name: str
    time: datetime | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What git tells of one pull request: its three-dot difference and its commits, oldest first.

    `merge_base` is "" where base and head share no history; the diff is then that of two dots.
    """

    number: int
    merge_base: str
    commits: tuple[PullCommit, ...]
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment in the conversation of a pull request."""

    author: str
    author_type: str
    created_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review: `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    author: str
    state: str
    submitted_at: datetime | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewComment:
    """A comment on a line of the diff; `line` counts in the file after, None if it is not there."""

    author: str
    created_at: datetime
    path: str
    line: int | None
    body: str
    diff_hunk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue that merging closes; `repository` is owner/name, not always that of the pull."""

    repository: str
    number: int
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """One pull request, whole.

    `repository` is owner/name as it was when the pull request was read, `repository_id` the node id
    that a rename leaves alone; `license` is the repository's, an SPDX identifier. `author` is ""
    and `author_type` "Ghost" where the account is gone; types are GitHub's (User, Bot,
    Organization, Mannequin). `ci_state` is the roll-up of the head's checks (SUCCESS, FAILURE,
    ERROR, PENDING, EXPECTED), `review_decision` APPROVED, CHANGES_REQUESTED or REVIEW_REQUIRED;
    each is None where there is none. `additions`, `deletions` and `changed_files` are GitHub's
    counts, over all files. `merge_base` is git's.
    """

    repository: str
    repository_id: str
    license: str
    number: int
    node_id: str
    state: str
    title: str
    body: str
    author: str
    author_type: str
    author_association: str
    labels: tuple[str, ...]
    milestone: str | None
    draft: bool
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    merge_commit_sha: str | None
    merge_base: str
    ci_state: str | None
    review_decision: str | None
    additions: int
    deletions: int
    changed_files: int
    comments: tuple[Comment, ...]
    reviews: tuple[Review, ...]
    review_comments: tuple[ReviewComment, ...]
    closing_issues: tuple[Issue, ...]
    commits: tuple[PullCommit, ...]
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What became of one pull request that was listed.

    `outcome` is one of OUTCOMES; `reason` is "" for the collected, else the rule that filtered it
    or the kind of failure. `state` is open, closed or merged.
    """

    number: int
    state: str
    outcome: str
    reason: str
    updated_at: datetime
    merged_at: datetime | None
    head_sha: str


PLAIN: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    datetime: TIME,
}


def _optional(kind: Any) -> tuple[Any, bool]:
    """Return `kind` without its None, and whether it had one."""
    if get_origin(kind) is UnionType:
        return next(part for part in get_args(kind) if part is not type(None)), True
    return kind, False


def _arrow(kind: Any, name: str) -> pa.DataType:
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        return pa.list_(pa.field("element", _arrow(item, name), nullable=False))
    if is_dataclass(kind):
        return pa.struct(_fields(kind))
    return pa.large_string() if name in LARGE else PLAIN[kind]


def _fields(kind: Any) -> list[pa.Field]:
    """Return a field of Arrow for each one of the dataclass `kind`; only `X | None` may be null."""
    hints = {name: _optional(hint) for name, hint in get_type_hints(kind).items()}
    return [pa.field(n, _arrow(hint, n), nullable=null) for n, (hint, null) in hints.items()]


def _schema(kind: Any, name: str) -> pa.Schema:
    return pa.schema(_fields(kind), metadata={"codekiln.format": name, "codekiln.version": VERSION})


PULLS = _schema(PullRequest, "pulls")
LEDGER = _schema(LedgerRow, "ledger")
SCHEMAS = {"pulls": PULLS, "ledger": LEDGER}
"""The tables of a data set of pull requests, by name."""


def to_row(record: Any) -> Row:
    """Return a record of this module as a row of Arrow."""
    kind: Any = type(record)
    return {name: _plain(getattr(record, name)) for name in _names(kind)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return to_row(value) if is_dataclass(value) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def from_row(kind: type[Record], row: Row) -> Record:
    """Return the record of `kind` that `row`, all of its columns, holds."""
    of: Any = kind
    made = {name: _made(part, row[name]) for name, part in _parts(of).items()}
    return kind(**{**row, **made})


@cache
def _parts(kind: Any) -> dict[str, Any]:
    """Return the dataclass of the items (None: plain ones) of each field that is a list."""
    lists = {n: get_args(h)[0] for n, h in get_type_hints(kind).items() if get_origin(h) is tuple}
    return {name: item if is_dataclass(item) else None for name, item in lists.items()}


def _made(item: Any, values: list[Any]) -> tuple[Any, ...]:
    return tuple(values) if item is None else tuple(from_row(item, value) for value in values)
