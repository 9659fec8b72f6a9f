"""The example that a coder learns from, and how a folder of them is written and read.

An example says, from the outside in: what was wanted (problem), what stood there (context), what to
do (plan), what was written (solution). A folder holds `examples-00000.parquet`, ...: Parquet, zstd,
one row an example. Rejects of a later phase lie in `rejects-*.parquet`, with one column more.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.corpus.grouped_file import Group, GroupedFile
from codekiln.core.errors import InputError

VERSION = "1"
PATTERN = "examples-*.parquet"
REJECTS = "rejects-*.parquet"

INTENTS = ("FIX", "ADD", "REFACTOR", "OPTIMIZE", "UPDATE", "REMOVE")
TARGET_KINDS = ("func", "method", "type", "interface", "var", "const", "file")
DECLARATION, HUNK = KINDS = ("declaration", "hunk")
VALID, INVALID, UNKNOWN = SYNTAX = ("valid", "invalid", "unknown")
PASSED, FAILED, _ = TESTS = ("passed", "failed", UNKNOWN)

GROUP = Group(rows=1000, bytes=4 << 20)
"""Examples, and bytes of their texts."""

Row = dict[str, Any]
"""One row as Arrow gives it; made by `to_row` and understood by `from_row`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What was wanted: the title of the pull request, and its text; `details` may be ""."""

    title: str
    details: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What stood there: the path after the change, and the target, or what is around it, before.

    `before` is "" for a new file.
    """

    path: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a plan. `intent` is one of INTENTS, `target_kind` one of TARGET_KINDS.

    `evidence` names what the intent was told from, as `source:word` (`prefix:fix`, `label:bug`).
    `target_name` is what Go calls it: `Open`, `(*Store).Open` for a method, a path for a file.
    """

    intent: str
    evidence: str
    target_kind: str
    target_name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What was written. `syntax` is one of SYNTAX, `tests` one of TESTS.

    `syntax_error` is "" unless the syntax is invalid; `go_version` is that of the judge, "" where
    there was none. `tests` is what the checks of the whole pull request said.
    """

    code: str
    syntax: str
    syntax_error: str
    go_version: str
    tests: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: a whole declaration (`kind` DECLARATION) or some lines of a file (HUNK).

    `id` is the same in every run (see `identity`). `repository` is owner/name, `repository_id` the
    node id that a rename leaves alone, `license` the SPDX identifier of the repository, or the SPDX
    expression of the file where that names another, `commit` the merge commit (the head where
    GitHub names none). `path` is that of the file after the change. The first step of
    the plan is about what the solution holds.
    """

    id: str
    repository: str
    repository_id: str
    license: str
    number: int
    commit: str
    merged_at: datetime
    path: str
    kind: str
    problem: Problem
    context: Context
    plan: tuple[Step, ...]
    solution: Solution


def identity(repository_id: str, number: int, path: str, target: str) -> str:
    """Return the id of the example of `target` (unique in its file): 32 hexadecimal digits."""
    told = json.dumps([repository_id, number, path, target])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _struct(*names: str) -> pa.StructType:
    return pa.struct([pa.field(name, pa.string(), nullable=False) for name in names])


STEP = _struct("intent", "evidence", "target_kind", "target_name", "description")
COLUMNS = {
    "id": pa.string(),
    "repository": pa.string(),
    "repository_id": pa.string(),
    "license": pa.string(),
    "number": pa.int64(),
    "commit": pa.string(),
    "merged_at": pa.timestamp("ms", "UTC"),
    "path": pa.string(),
    "kind": pa.string(),
    "problem": _struct("title", "details"),
    "context": _struct("path", "before"),
    "plan": pa.list_(pa.field("element", STEP, nullable=False)),
    "solution": _struct("code", "syntax", "syntax_error", "go_version", "tests"),
}
SCHEMA = pa.schema(
    [pa.field(name, kind, nullable=False) for name, kind in COLUMNS.items()],
    metadata={"codekiln.format": "examples", "codekiln.version": VERSION},
)
REJECTED = SCHEMA.append(pa.field("reason", pa.string(), nullable=False))
"""The schema of rejects: an example and why it went."""


def to_row(example: Example) -> Row:
    """Return `example` as a row of Arrow."""
    return asdict(example)


def from_row(row: Mapping[str, Any]) -> Example:
    """Return the example that `row`, all of its columns, holds; a `reason` is passed by."""
    parts: Row = {
        "problem": Problem(**row["problem"]),
        "context": Context(**row["context"]),
        "plan": tuple(Step(**step) for step in row["plan"]),
        "solution": Solution(**row["solution"]),
    }
    return Example(**{name: parts.get(name, row[name]) for name in SCHEMA.names})


def shard(folder: Path, number: int, pattern: str = PATTERN) -> Path:
    """Return the path of the file of `folder` with this number."""
    return folder / pattern.replace("*", f"{number:05d}")


class Writer(GroupedFile[Row]):
    """Writes one Parquet file of examples: the same rows in the same order give the same bytes."""

    def __init__(self, path: Path, schema: pa.Schema = SCHEMA) -> None:
        """Begin the file; with the `schema` REJECTED rows are added with their `reason`."""
        super().__init__(path, schema, GROUP, use_dictionary=["repository", "license", "kind"])

    def add(self, example: Example, **more: str) -> None:
        """Write `example`, in its turn; `more` are columns that the schema has beyond SCHEMA."""
        texts = (example.solution.code, example.context.before, example.problem.details)
        self.hold({**to_row(example), **more}, sum(map(len, texts)))

    def table(self, rows: list[Row]) -> pa.Table:
        """Return the table that `rows` are."""
        return pa.Table.from_pylist(rows, schema=self.schema)


def shards(folder: Path, pattern: str = PATTERN) -> list[Path]:
    """Return the files of `folder` in order; raise InputError if none, or of another version."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise InputError(f"{folder} holds no {pattern}: give a folder that build_examples wrote")
    told = (pq.read_schema(found[0]).metadata or {}).get(b"codekiln.version", b"?").decode()
    if told != VERSION:
        raise InputError(f"{folder} has examples of version {told}, wanted {VERSION}: build again")
    return found


def rows_of(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Read the rows of one file in order, only these columns, one row group in memory."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            for batch in file.read_row_group(number, columns=columns).to_batches(max_chunksize=64):
                yield from batch.to_pylist()


def read_file(path: Path) -> Iterator[Example]:
    """Read the examples of one file in order."""
    return (from_row(row) for row in rows_of(path))


def read(folder: Path) -> Iterator[Example]:
    """Read the examples of `folder` in order."""
    return (from_row(row) for path in shards(folder) for row in rows_of(path))
