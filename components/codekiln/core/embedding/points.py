"""Embedded commits as files: an .npz for numpy, and points that a Qdrant collection takes.

embeddings.npz   `embeddings` float32 (n, d), rows of length 1; `hashes` (n,): the commit of each
points.jsonl     one body of `PUT /collections/NAME/points` a line, up to 256 points each
collection.json  the body of `PUT /collections/NAME`: size and distance of the vectors

There is one row a commit, in time order: the "num_sequences" of the older format is the number
of embedded commit texts. Into a server, with nothing but curl:

    curl -X PUT $QDRANT/collections/commits --json @collection.json
    while read -r body; do
      curl -X PUT $QDRANT/collections/commits/points --json @- <<< "$body"
    done < points.jsonl
"""

import dataclasses
import json
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from codekiln.core.embedding.encoder import Vectors
from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json

ARRAYS = "embeddings.npz"
POINTS = "points.jsonl"
COLLECTION = "collection.json"
DISTANCE = "Cosine"
BATCH = 256
DIGITS = 6
"""Decimals of a stored point's vector: half the bytes, and no cosine moves by more than 1e-5."""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://git-scm.com/docs/git-commit")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """What a point tells of its commit."""

    hash: str
    abbrev_hash: str
    author: str
    timestamp: str
    """Committer time, RFC 3339 in UTC: what Qdrant's datetime filters read."""
    subject: str
    complexity: float
    files_changed: int


def point_id(commit: str) -> str:
    """Return the UUID of the commit with this hash; the same in every run."""
    return str(uuid.uuid5(NAMESPACE, commit))


def write(folder: Path, vectors: Vectors, payloads: Sequence[Payload]) -> None:
    """Write `vectors` and their `payloads`, row by row the same commits."""
    hashes = np.array([payload.hash for payload in payloads], dtype=np.str_)
    np.savez(folder / ARRAYS, embeddings=vectors, hashes=hashes)
    vectors_of = {"size": vectors.shape[1], "distance": DISTANCE}
    write_json(folder / COLLECTION, {"vectors": vectors_of})
    with (folder / POINTS).open("w", encoding="utf-8") as file:
        for start in range(0, len(payloads), BATCH):
            body = _body(vectors[start : start + BATCH], payloads[start : start + BATCH])
            file.write(json.dumps(body, separators=(",", ":")) + "\n")


def _body(vectors: Vectors, payloads: Sequence[Payload]) -> dict[str, Any]:
    rows = vectors.astype(np.float64).round(DIGITS).tolist()
    return {
        "points": [
            {"id": point_id(p.hash), "vector": row, "payload": dataclasses.asdict(p)}
            for row, p in zip(rows, payloads, strict=True)
        ]
    }


def read_collection(folder: Path) -> int:
    """Return the dimensions of the points of `folder`; raises InputError if it holds none."""
    try:
        told = json.loads((folder / COLLECTION).read_text(encoding="utf-8"))
        return int(told["vectors"]["size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} holds no points: {error!r}; run embed_commits again") from error


def read_batches(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the points of `folder`, {id, vector, payload} each, as many as a line holds."""
    try:
        with (folder / POINTS).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["points"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{folder}/{POINTS} is broken: {error}; run embed_commits again"
        ) from error
