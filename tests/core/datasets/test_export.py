import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from codekiln.core.datasets import export, tables
from codekiln.core.datasets.dataset import Dataset, Entry


def exported(dataset: Dataset, field: pa.Field, value: Any) -> Any:
    schema = pa.schema([("number", pa.int64()), field])
    shards = tables.upsert(dataset, (), [{"number": 1, field.name: value}], schema)
    version = dataset.commit({"k": lambda _: Entry("k", {"t": shards})}, run="test")
    (line,) = export.lines(dataset, version, "t")
    assert line.endswith(b"}\n")
    return json.loads(line)[field.name]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC), "2026-01-02T03:04:05.678000Z"),
        (None, None),
    ],
)
def test_times_are_iso_8601(dataset: Dataset, value: datetime | None, told: str | None) -> None:
    assert exported(dataset, pa.field("at", pa.timestamp("ms", "UTC")), value) == told


def test_text_stays_as_it_is(dataset: Dataset) -> None:
    text = 'ä "quoted"\n\u2028 \x00 <b> 😀'
    assert exported(dataset, pa.field("text", pa.string()), text) == text


def test_lists_of_records_are_lists_of_objects(dataset: Dataset) -> None:
    kind = pa.list_(pa.struct([("path", pa.string()), ("at", pa.timestamp("ms", "UTC"))]))
    at = datetime(2026, 1, 2, tzinfo=UTC)
    told = exported(dataset, pa.field("files", kind), [{"path": "a.go", "at": at}])
    assert told == [{"path": "a.go", "at": "2026-01-02T00:00:00Z"}]


def test_what_json_cannot_say_is_a_defect_of_the_schema(dataset: Dataset) -> None:
    with pytest.raises(TypeError, match="bytes"):
        exported(dataset, pa.field("raw", pa.binary()), b"x")
