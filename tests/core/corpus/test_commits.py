from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import builders
import pyarrow.parquet as pq
import pytest

from codekiln.core.corpus import commits
from codekiln.core.corpus.commits import SCHEMA, Commit, Writer, shard
from codekiln.core.errors import InputError


def written(folder: Path, *files: Iterable[Commit]) -> Path:
    for number, records in enumerate(files):
        with Writer(shard(folder, number)) as writer:
            for record in records:
                writer.add(record)
    return folder


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    records = [
        builders.commit(0, "one\n\nbody", diff="@@ -1 +1 @@\n+é\0\n"),
        builders.commit(1, parents=["a" * 40], merge_base="b" * 40, time_since_parent=5),
    ]
    assert list(commits.read(written(tmp_path, records))) == records


def test_a_commit_has_at_least_forty_fields(tmp_path: Path) -> None:
    written(tmp_path, [builders.commit(0)])
    assert len(pq.read_schema(shard(tmp_path, 0)).names) == len(SCHEMA.names) >= 40


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    written(tmp_path, [builders.commit(0)])
    assert list(commits.rows(tmp_path, ["subject"])) == [{"subject": "work"}]


def test_time_order_is_by_committer_and_keeps_ties_as_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "GROUP", replace(commits.GROUP, rows=2))
    monkeypatch.setattr(commits, "OPEN_GROUPS", 1)
    times = [5, 1, 3, 3, 9, 0, 3, 2]
    made = [builders.commit(n, committer_time=time) for n, time in enumerate(times)]
    written(tmp_path, made[:5], [], made[5:])
    read = [row["order"] for row in commits.in_time_order(tmp_path, ["order"])]
    assert read == sorted(range(8), key=lambda n: (times[n], n))


def test_a_row_group_is_bounded_by_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "GROUP", replace(commits.GROUP, bytes=100))
    written(tmp_path, [builders.commit(n, diff="+" * 60) for n in range(6)])
    assert pq.ParquetFile(shard(tmp_path, 0)).num_row_groups == 3


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Commit]:
        yield builders.commit(0)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        written(tmp_path, failing())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_commits_or_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="holds no commits"):
        list(commits.read(tmp_path))
    written(tmp_path, [builders.commit(0)])
    monkeypatch.setattr(commits, "VERSION", "2")
    with pytest.raises(InputError, match="version 1, wanted 2"):
        list(commits.read(tmp_path))
