"""Searching points, narrowed by author and day."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from codekiln.core.embedding import points
from codekiln.core.embedding.points import Payload
from codekiln.search_commits import collection

AUTHORS = ("Ann Lee", "Bob Ray", "Ann Roe")


@pytest.fixture
def client(tmp_path: Path) -> QdrantClient:
    payloads = [
        Payload(
            hash=str(number),
            abbrev_hash=str(number),
            author=author,
            timestamp=f"202{number}-06-01T12:00:00Z",
            subject=f"subject {number}",
            complexity=0.0,
            files_changed=1,
        )
        for number, author in enumerate(AUTHORS)
    ]
    points.write(tmp_path, np.eye(3, 8, dtype=np.float32), payloads)
    return collection.load(tmp_path)


def found(client: QdrantClient, author: str = "", since: date | None = None) -> list[str]:
    vector = [0.9, 0.5, 0.1, 0, 0, 0, 0, 0]
    hits = collection.search(client, vector, 10, collection.narrowed(author, since))
    return [hit.commit.author for hit in hits]


def test_the_nearest_comes_first(client: QdrantClient) -> None:
    assert found(client) == ["Ann Lee", "Bob Ray", "Ann Roe"]


def test_an_author_is_found_by_a_part_of_the_name(client: QdrantClient) -> None:
    assert found(client, author="Ann") == ["Ann Lee", "Ann Roe"]


def test_only_commits_from_a_day_on_are_found(client: QdrantClient) -> None:
    assert found(client, since=date(2021, 6, 1)) == ["Bob Ray", "Ann Roe"]
    assert found(client, since=date(2021, 6, 2)) == ["Ann Roe"]


def test_both_filters_narrow_together(client: QdrantClient) -> None:
    assert found(client, author="Bob", since=date(2022, 1, 1)) == []
