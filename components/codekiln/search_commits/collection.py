"""Points in Qdrant's memory mode, searched with the filters that a server has too."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from qdrant_client import QdrantClient, models

from codekiln.core.embedding import points
from codekiln.core.embedding.points import Payload

NAME = "commits"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One answer: how near it is (cosine, 1 is the same), and its commit."""

    score: float
    commit: Payload


def load(folder: Path) -> QdrantClient:
    """Load the points that embed_commits wrote; raises InputError if they are broken."""
    client = QdrantClient(":memory:")
    size = points.read_collection(folder)
    params = models.VectorParams(size=size, distance=models.Distance(points.DISTANCE))
    client.create_collection(NAME, vectors_config=params)
    for batch in points.read_batches(folder):
        client.upsert(NAME, [models.PointStruct(**point) for point in batch])
    return client


def search(
    client: QdrantClient, vector: Sequence[float], limit: int, only: models.Filter
) -> list[Hit]:
    """Return the `limit` commits nearest to `vector`, nearest first."""
    found = client.query_points(NAME, query=list(vector), limit=limit, query_filter=only)
    return [Hit(score=p.score, commit=Payload(**(p.payload or {}))) for p in found.points]


def narrowed(author: str, since: date | None) -> models.Filter:
    """Return what keeps authors with `author` in their name, and days from `since` on."""
    must: list[models.Condition] = []
    if author:
        match = models.MatchText(text=author)
        must.append(models.FieldCondition(key="author", match=match))
    if since:
        day = models.DatetimeRange(gte=datetime.combine(since, time(), UTC))
        must.append(models.FieldCondition(key="timestamp", range=day))
    return models.Filter(must=must)
