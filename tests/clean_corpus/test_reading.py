"""Examples are read whatever they are."""

from pathlib import Path

import example_folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codekiln.clean_corpus import reading
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.reading import NOT_UTF8, Read
from codekiln.core.corpus import examples
from codekiln.core.errors import InputError

LIMITS = Limits(code=200_000, context=200_000, details=1000)


def read(folder: Path) -> list[Read]:
    files = examples.shards(folder)
    return [one for path in files for some in reading.read(path, LIMITS) for one in some]


def rewritten(folder: Path, column: str, field: str, text: bytes) -> None:
    """Put bytes that may be no UTF-8 into a text of the second example."""
    path = examples.shard(folder, 0)
    table = pq.read_table(path)
    struct = table[column].combine_chunks()
    children = []
    for place, part in enumerate(struct.type):
        child = struct.field(place)
        if part.name == field:
            raw = child.cast(pa.binary()).to_pylist()
            raw[1] = text
            child = pa.array(raw, pa.binary()).view(pa.string())
        children.append(child)
    made = pa.StructArray.from_arrays(children, fields=list(struct.type))
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, table.schema.field(place), made), path)


def test_examples_are_read_as_they_were_written(tmp_path: Path) -> None:
    some = [example_folders.example(n) for n in range(700)]
    folder = example_folders.built(tmp_path / "examples", some)
    assert read(folder) == [(one, None) for one in some]


def test_bytes_that_are_no_text_cost_their_example_alone(tmp_path: Path) -> None:
    some = [example_folders.example(n) for n in range(3)]
    folder = example_folders.built(tmp_path / "examples", some)
    rewritten(folder, "solution", "code", b"x := \xff\xfe")
    found = read(folder)
    assert [reason for _, reason in found] == [None, NOT_UTF8, None]
    assert found[1][0].solution.code == "x := \ufffd\ufffd"
    assert found[2][0] == some[2]


def test_a_text_over_its_limit_is_cut_right_after_it_was_read(tmp_path: Path) -> None:
    some = [example_folders.example(1, "é" * 200_000), example_folders.example(2)]
    folder = example_folders.built(tmp_path / "examples", some)
    (long, _), (short, _) = read(folder)
    assert LIMITS.code < len(long.solution.code.encode()) <= LIMITS.code + 3
    assert short == some[1]


def test_a_folder_of_other_things_is_one_clear_error(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.string())], metadata={"codekiln.version": examples.VERSION})
    pq.write_table(pa.table({"id": ["x"]}, schema=schema), examples.shard(tmp_path, 0))
    with pytest.raises(InputError, match="holds no examples"):
        read(tmp_path)
