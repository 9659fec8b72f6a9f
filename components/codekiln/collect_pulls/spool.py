"""Review comments on disk, until the pull request that they belong to comes."""

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from codekiln.collect_pulls.listing import moment, text
from codekiln.core.corpus.pulls import ReviewComment

TABLE = "CREATE TABLE comments (id INTEGER PRIMARY KEY, pull INTEGER, told TEXT)"
INDEX = "CREATE INDEX of_pull ON comments (pull)"
PUT = "INSERT OR REPLACE INTO comments VALUES (?, ?, ?)"
GET = "SELECT told FROM comments WHERE pull = ?"
DROP = "DELETE FROM comments WHERE pull = ?"
KEPT = ("id", "created_at", "path", "line", "side", "body", "diff_hunk")


class Spool:
    """A scratch file; it need not outlive a crash, so it never waits for the disk."""

    def __init__(self, path: Path) -> None:
        # whoever uses it is one task, but not always on one thread
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute(TABLE)
        self._file.execute(INDEX)

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep review comments as GitHub tells them; one that is here already is replaced."""
        self._file.execute("BEGIN")
        self._file.executemany(PUT, map(_kept, rows))
        self._file.execute("COMMIT")

    def take(self, number: int) -> tuple[ReviewComment, ...]:
        """Remove and return the comments on the pull request `number`, oldest first."""
        told = [json.loads(row[0]) for row in self._file.execute(GET, (number,))]
        self._file.execute(DROP, (number,))
        return comments(told)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Spool]:
    """Give a spool in a file of `folder`, which is removed at the end."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="comments-") as file:
        spool = Spool(Path(file.name))
        try:
            yield spool
        finally:
            spool.close()


def comments(rows: Sequence[Mapping[str, Any]]) -> tuple[ReviewComment, ...]:
    """Read review comments, oldest first."""
    by_time = sorted(rows, key=lambda row: (row["created_at"], row["id"]))
    return tuple(_comment(row) for row in by_time)


def pull_of(row: Mapping[str, Any]) -> int:
    """Return the number of the pull request that a review comment is on."""
    return int(row["pull_request_url"].rpartition("/")[2])


def _kept(row: Mapping[str, Any]) -> tuple[int, int, str]:
    told = {name: row.get(name) for name in KEPT} | {
        "user": row["user"] and {"login": row["user"]["login"]}
    }
    return row["id"], pull_of(row), json.dumps(told)


def _comment(row: Mapping[str, Any]) -> ReviewComment:
    return ReviewComment(
        author=text((row["user"] or {"login": ""})["login"]),
        created_at=moment(row["created_at"]),
        path=text(row["path"]),
        # On the left side GitHub counts the lines of the file before.
        line=None if row.get("side") == "LEFT" else row["line"],
        body=text(row["body"]),
        diff_hunk=text(row["diff_hunk"]),
    )
