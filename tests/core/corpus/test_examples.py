import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Context, Example, Problem, Solution, Step
from codekiln.core.errors import InputError


def example(number: int) -> Example:
    return Example(
        id=examples.identity("R_1", number, "store.go", "method (*Store).Open"),
        repository="acme/router",
        repository_id="R_1",
        license="MIT",
        number=number,
        commit="d" * 40,
        merged_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        path="store.go",
        kind="declaration",
        problem=Problem(title="fix: no race", details="It raced."),
        context=Context(path="store.go", before="func (s *Store) Open() {}"),
        plan=(
            Step(
                intent="FIX",
                evidence="prefix:fix",
                target_kind="method",
                target_name="(*Store).Open",
                description="no race",
            ),
        ),
        solution=Solution(
            code="func (s *Store) Open() { s.mu.Lock() }\n\x00\ufffd",
            syntax="valid",
            syntax_error="",
            go_version="go1.27",
            tests="passed",
        ),
    )


def written(folder: Path, numbers: range, shard: int = 0) -> Path:
    path = examples.shard(folder, shard)
    with examples.Writer(path) as writer:
        for number in numbers:
            writer.add(example(number))
    return path


def test_examples_come_back_as_they_were_in_order_over_files(tmp_path: Path) -> None:
    written(tmp_path, range(3), shard=0)
    written(tmp_path, range(3, 5), shard=1)
    assert list(examples.read(tmp_path)) == [example(number) for number in range(5)]


def test_the_same_examples_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (written(tmp_path, range(2500), shard=n).read_bytes() for n in (0, 1))
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def test_a_row_group_ends_before_its_texts_grow_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "GROUP", replace(examples.GROUP, bytes=200))
    with pq.ParquetFile(written(tmp_path, range(10))) as file:
        assert file.num_row_groups == 4


def test_a_reject_keeps_its_reason_and_reads_as_an_example(tmp_path: Path) -> None:
    path = examples.shard(tmp_path, 0, examples.REJECTS)
    with examples.Writer(path, examples.REJECTED) as writer:
        writer.add(example(1), reason="too long")
    assert [row["reason"] for row in examples.rows_of(path, ["reason"])] == ["too long"]
    assert list(examples.read_file(path)) == [example(1)]


def test_a_file_that_was_not_finished_is_not_named(tmp_path: Path) -> None:
    def broken() -> None:
        with examples.Writer(examples.shard(tmp_path, 0)) as writer:
            writer.add(example(1))
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert not list(tmp_path.iterdir())


def test_a_folder_without_examples_says_who_writes_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="build_examples"):
        examples.shards(tmp_path)


def test_examples_of_another_version_are_refused(tmp_path: Path) -> None:
    other = examples.SCHEMA.with_metadata({"codekiln.version": "0"})
    pq.write_table(pa.Table.from_pylist([], schema=other), examples.shard(tmp_path, 0))
    with pytest.raises(InputError, match="version 0, wanted 1"):
        examples.shards(tmp_path)


def test_the_id_tells_targets_of_one_file_apart() -> None:
    ids = {examples.identity("R_1", 1, "a.go", target) for target in ("func A", "func B")}
    assert len(ids) == 2
    assert examples.identity("R_1", 1, "a.go", "func A") in ids
