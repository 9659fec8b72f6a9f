import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codekiln.core.corpus import repositories
from codekiln.core.corpus.repositories import Repository
from codekiln.core.errors import InputError

NOW = datetime(2026, 11, 21, 2, 0, 30, 999, tzinfo=UTC)


def repository(name: str = "acme/router", stars: int = 150, **told: Any) -> Repository:
    return Repository(
        **{
            "node_id": f"R_{name}", "name": name, "default_branch": "main", "license": "MIT",
            "stars": stars, "size_kib": 2048, "pushed_at": datetime(2026, 11, 1, tzinfo=UTC),
            "archived": False, "fork": False, "language": "Go", "description": "Routes, größer.",
            **told,
        }
    )  # fmt: skip


def test_what_is_written_is_what_is_read_with_most_stars_first(tmp_path: Path) -> None:
    few, many = repository("a/few", 100), repository("b/many", 9000, pushed_at=None)
    repositories.write(tmp_path, [few, many], NOW)
    assert repositories.read(tmp_path) == [many, few]


def test_the_moment_is_kept_with_them(tmp_path: Path) -> None:
    repositories.write(tmp_path, [], NOW)
    assert repositories.as_of(tmp_path) == NOW
    assert repositories.read(tmp_path) == []


def test_the_same_repositories_give_the_same_bytes(tmp_path: Path) -> None:
    found = [repository("a/b", 7), repository("A/a", 7)]
    for name, order in (("one", found), ("two", found[::-1])):
        (tmp_path / name).mkdir()
        repositories.write(tmp_path / name, order, NOW)
    for file in (repositories.TABLE, repositories.LINES):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_lines_hold_the_same_for_other_programs(tmp_path: Path) -> None:
    repositories.write(tmp_path, [repository()], NOW)
    (line,) = (tmp_path / repositories.LINES).read_text(encoding="utf-8").splitlines()
    told = json.loads(line)
    assert told["name"] == "acme/router"
    assert told["pushed_at"] == "2026-11-01T00:00:00Z"
    assert "größer" in line


def test_a_folder_without_repositories_says_who_writes_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no repositories.parquet: give a folder that"):
        repositories.read(tmp_path)


def test_repositories_of_another_version_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["a/b"]}), tmp_path / repositories.TABLE)
    with pytest.raises(InputError, match=r"version \?, wanted 1: discover again"):
        repositories.as_of(tmp_path)


@pytest.mark.parametrize("shards", [1, 4, 7])
def test_every_repository_has_exactly_one_shard_and_shards_are_of_a_size(shards: int) -> None:
    found = [repository(f"o/r{number}") for number in range(700)]
    of = [repositories.of_shard(found, shard, shards) for shard in range(shards)]
    assert Counter(one.name for part in of for one in part) == Counter(one.name for one in found)
    assert min(map(len, of)) > 700 / shards * 0.7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T03:00+01:00", "2026-11-20T02:00:00+00:00"),
        ("2026-11-20T02:00:00Z", "2026-11-20T02:00:00+00:00"),
        ("20261120023000", "2026-11-20T02:30:00+00:00"),
        ("", "2026-11-21T02:00:30+00:00"),
        ("[[ScheduledTime]]", "2026-11-21T02:00:30+00:00"),
        ("[[ScheduledTime.2006-01-02]]", "2026-11-21T02:00:30+00:00"),
        ("{{$.scheduledTime.strftime('%Y')}}", "2026-11-21T02:00:30+00:00"),
    ],
)
def test_a_moment_is_read_in_every_way_that_people_and_kubeflow_write_one(
    text: str, told: str
) -> None:
    assert repositories.moment(text, NOW).isoformat() == told


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "20261340023000", "[[x"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="give a time such as 2026-11-21"):
        repositories.moment(text, NOW)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("etcd-io/etcd", True), ("a/b.c_d-e", True), ("a", False), ("a/b/c", False), ("-a/b", False),
     ("a b/c", False), ("https://github.com/a/b", False)],
)  # fmt: skip
def test_a_slug_is_an_owner_and_a_name(name: str, is_one: bool) -> None:
    assert bool(repositories.SLUG.match(name)) == is_one


def test_repositories_are_counted_by_license() -> None:
    found = [repository(license="MIT"), repository(license=""), repository(license="MIT")]
    assert repositories.totals(found) == {"MIT": 2, "unknown": 1}
