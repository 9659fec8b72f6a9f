from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pulls_made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codekiln.core.corpus import pulls
from codekiln.core.corpus.pulls import (
    LEDGER,
    PULLS,
    LedgerRow,
    PullRequest,
    from_row,
    to_row,
)


def stored(path: Path, rows: list[pulls.Row], schema: pa.Schema) -> list[pulls.Row]:
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    read: list[pulls.Row] = pq.read_table(path).to_pylist()
    return read


def test_a_pull_request_comes_back_from_parquet_as_it_was(tmp_path: Path) -> None:
    made = [
        pulls_made.pull(7),
        pulls_made.pull(8, milestone="v1", ci_state="SUCCESS", labels=("bug", "é")),
    ]
    rows = stored(tmp_path / "p.parquet", [to_row(one) for one in made], PULLS)
    assert [from_row(PullRequest, row) for row in rows] == made


def test_a_ledger_row_comes_back_from_parquet_as_it_was(tmp_path: Path) -> None:
    made = LedgerRow(
        number=3, state="merged", outcome=pulls.FILTERED, reason="bot",
        updated_at=datetime(2026, 1, 2, tzinfo=UTC), merged_at=None, head_sha="a" * 40,
    )  # fmt: skip
    rows = stored(tmp_path / "l.parquet", [to_row(made)], LEDGER)
    assert [from_row(LedgerRow, row) for row in rows] == [made]


def test_the_schema_of_a_file_tells_its_format_and_its_nested_fields(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.Table.from_pylist([to_row(pulls_made.pull(1))], PULLS), path)
    read = pq.read_schema(path)
    assert read.metadata[b"codekiln.format"] == b"pulls"
    assert read.names == [field.name for field in fields(PullRequest)]
    assert read.equals(PULLS)
    assert read.field("files").type.value_type.field("after").type == pa.large_string()


def test_a_text_that_must_be_there_cannot_be_null(tmp_path: Path) -> None:
    row = {**to_row(pulls_made.pull(1)), "title": None}
    with pytest.raises(pa.ArrowInvalid, match="non-nullable"):
        pq.write_table(pa.Table.from_pylist([row], PULLS), tmp_path / "p.parquet")


def test_no_field_tells_of_the_collection() -> None:
    told = {"collected_at", "run", "version", "fetched_at", "etag"}
    assert not told & {*PULLS.names, *LEDGER.names}
