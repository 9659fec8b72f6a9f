"""The index of near duplicates, as clean_corpus writes and reads it."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from codekiln.clean_corpus import near_index, signature_file
from codekiln.clean_corpus.duplicates import texts_of
from codekiln.clean_corpus.signature_file import Rows
from codekiln.clean_corpus.signatures import fingerprints
from codekiln.core.corpus import layout
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.traces import Traces
from codekiln.core.storage.objects import open_store


def test_what_is_left_of_a_night_is_read_as_it_was_written(tmp_path: Path) -> None:
    ids = ["a1", "b1", "a2", "b2"]
    texts = texts_of(ids, fingerprints([f"{one} line\n".encode() * 9 for one in ids]))
    uri, path = str(tmp_path / "near"), tmp_path / "night.parquet"
    owners = ["R_a", "R_b", "R_a", "R_b"]
    signature_file.write(path, [Rows(texts, owners, np.arange(4, dtype=np.uint64))])
    with near_index.opened(uri) as index:
        index.commit("one", index.night("one"), path)
    Traces(Dataset(open_store(uri)), "R_a", layout.SIGNATURES).commit("test", None)
    with near_index.opened(uri) as index:
        [left] = index.blocks(index.night("two"))
    assert left.ids.to_pylist() == ["b1", "b2"]
    assert (left.prints.near == texts.prints.near[[1, 3]]).all()
    dataset = Dataset(open_store(uri))
    [entry] = dataset.entries(dataset.newest())
    dataset.fetch(entry.tables[layout.SIGNATURES.table][0], path)
    assert pq.read_schema(path).equals(signature_file.SCHEMA, check_metadata=True)


def test_both_know_its_table_and_its_writer_by_one_name() -> None:
    assert (layout.SIGNATURES.table, layout.NEAR_WRITER) == (near_index.TABLE, near_index.WRITER)
    assert layout.SIGNATURES.column in signature_file.SCHEMA.names
