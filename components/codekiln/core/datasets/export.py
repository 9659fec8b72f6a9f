"""Rows as JSON Lines: one object a line, times in ISO 8601, in UTC."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.datasets.summary import name_of
from codekiln.core.storage.local import whole

REPOSITORY = "repository"


def lines(
    dataset: Dataset, version: Version, table: str, keys: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Yield the rows of `table` of `keys` (None: all, sorted) as lines, each with its end.

    A row that does not say its repository gets the name of its entry as `repository`.
    """
    for entry in dataset.entries(version, keys):
        name = name_of(entry)
        for row in tables.rows(dataset, entry.tables.get(table, ())):
            yield _line(row if REPOSITORY in row else {REPOSITORY: name, **row})


@contextlib.contextmanager
def file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write into; it gets its name when all is in it."""
    with whole(path) as partial, partial.open("r+b") as opened:
        yield opened


def tables_in(dataset: Dataset, version: Version, keys: Sequence[str] | None = None) -> list[str]:
    """Return the names of all tables that `keys` (None: all) have, sorted."""
    return sorted({name for entry in dataset.entries(version, keys) for name in entry.tables})


def _line(row: dict[str, object]) -> bytes:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_moment)
    return f"{text}\n".encode()


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"a {type(value).__name__} has no form in JSON")
    # Arrow's moments without a zone are in UTC as well.
    told = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return told.isoformat().replace("+00:00", "Z")
