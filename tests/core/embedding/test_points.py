"""The files of embedded commits: what numpy and Qdrant read."""

import json
import uuid
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from codekiln.core.embedding import points
from codekiln.core.embedding.points import Payload
from codekiln.core.errors import InputError


def payload(number: int) -> Payload:
    return Payload(
        hash=f"{number:040x}",
        abbrev_hash=f"{number:07x}",
        author="Ann \u2028 \u0000",
        timestamp="2026-01-01T00:00:00Z",
        subject=f"change {number}",
        complexity=0.25,
        files_changed=number,
    )


def written(folder: Path, count: int) -> Path:
    vectors = np.eye(count, 384, dtype=np.float32)
    points.write(folder, vectors, [payload(number) for number in range(count)])
    return folder


def test_the_arrays_hold_a_row_a_commit(tmp_path: Path) -> None:
    with np.load(written(tmp_path, 3) / points.ARRAYS) as arrays:
        assert arrays["embeddings"].shape == (3, 384)
        assert arrays["embeddings"].dtype == np.float32
        assert arrays["hashes"].tolist() == [payload(n).hash for n in range(3)]


def test_ids_are_uuids_that_stay_the_same(tmp_path: Path) -> None:
    batch = next(points.read_batches(written(tmp_path, 1)))
    assert uuid.UUID(batch[0]["id"]).version == 5
    assert points.point_id("a" * 40) == points.point_id("a" * 40) != points.point_id("b" * 40)


def test_a_line_is_a_body_that_qdrants_own_models_accept(tmp_path: Path) -> None:
    folder = written(tmp_path, points.BATCH + 1)
    lines = (folder / points.POINTS).read_bytes().splitlines()
    assert [len(models.PointsList.model_validate_json(line).points) for line in lines] == [256, 1]
    told = json.loads((folder / points.COLLECTION).read_text())
    assert models.CreateCollection.model_validate(told).vectors == models.VectorParams(
        size=384, distance=models.Distance.COSINE
    )


def test_points_come_back_from_a_collection_with_their_payload(tmp_path: Path) -> None:
    client = QdrantClient(":memory:")
    params = models.VectorParams(size=384, distance=models.Distance.COSINE)
    client.create_collection("commits", vectors_config=params)
    for batch in points.read_batches(written(tmp_path, 5)):
        client.upsert("commits", [models.PointStruct(**point) for point in batch])
    [hit] = client.query_points("commits", query=np.eye(384)[3].tolist(), limit=1).points
    assert Payload(**(hit.payload or {})) == payload(3)


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = written(tmp_path / "a", 4), written(tmp_path / "b", 4)
    for name in (points.ARRAYS, points.POINTS, points.COLLECTION):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_folder_without_points_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no points"):
        points.read_collection(tmp_path)
    with pytest.raises(InputError, match="is broken"):
        next(points.read_batches(tmp_path))
