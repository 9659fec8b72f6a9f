"""Container entry: `python -m codekiln.embed_commits --commits DIR --embeddings DIR`."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codekiln.core import program
from codekiln.core.corpus import commits
from codekiln.core.embedding import encoder, points
from codekiln.core.embedding.points import Payload
from codekiln.core.errors import InputError
from codekiln.core.program import Done
from codekiln.embed_commits import commit_text
from codekiln.embed_commits.settings import Settings

COLUMNS = (
    "hash", "abbrev_hash", "author_name", "committer_time", "subject", "body", "complexity_score",
    "files_changed", "diff_stats.list.element.path",
)  # fmt: skip


def embed_commits(settings: Settings) -> Done:
    """Read the commits in time order, embed their texts, write arrays and points."""
    source = encoder.find(settings.model)
    texts, payloads = read(settings.commits)
    model = encoder.Encoder(source)
    start = time.perf_counter()
    vectors = model.encode(texts)
    rate = len(texts) / max(time.perf_counter() - start, 1e-9)
    points.write(settings.embeddings, vectors, payloads)
    return Done(
        counts={"commits": len(texts), "dimensions": model.dimensions},
        metrics={"embeddings": len(texts), "texts_per_second": round(rate, 1)},
        sources={"model": source.digest},
    )


def read(folder: Path) -> tuple[list[str], list[Payload]]:
    """Return the text and the payload of each commit, by time; raises InputError on none."""
    texts, payloads = [], []
    for row in commits.in_time_order(folder, COLUMNS):
        paths = [change["path"] for change in row["diff_stats"]]
        texts.append(commit_text.compose(row["subject"], row["body"], paths))
        payloads.append(payload_of(row))
    if not texts:
        raise InputError(f"{folder} holds no commits; give a repository with a history")
    return texts, payloads


def payload_of(row: Mapping[str, Any]) -> Payload:
    """Make the payload of the commit that `row` records."""
    return Payload(
        hash=row["hash"],
        abbrev_hash=row["abbrev_hash"],
        author=row["author_name"],
        timestamp=rfc3339(row["committer_time"]),
        subject=row["subject"],
        complexity=row["complexity_score"],
        files_changed=row["files_changed"],
    )


def rfc3339(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339; 1970 itself where a broken clock left no real year."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        moment = datetime.fromtimestamp(0, UTC)
    return moment.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    program.run(embed_commits, Settings)
