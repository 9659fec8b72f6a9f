"""The file of signatures of examples that stayed on one night: Parquet, a row for each.

    id, id_key (64 bits), repository_id, source (64 bits), exact (64 bits), near (192 bytes)

No text is in it. `source` tells in which shard of a data set the example is; 0 where there is none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.clean_corpus.duplicates import BLOCK, Texts
from codekiln.clean_corpus.signatures import SIZE, Fingerprints
from codekiln.clean_corpus.text_hashes import Hashes

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("id_key", pa.uint64(), nullable=False),
        pa.field("repository_id", pa.string(), nullable=False),
        pa.field("source", pa.uint64(), nullable=False),
        pa.field("exact", pa.uint64(), nullable=False),
        pa.field("near", pa.binary(SIZE), nullable=False),
    ],
    metadata={"codekiln.format": "signatures"},
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts that stayed, the ids of their repositories, and the sources that they are in."""

    texts: Texts
    repositories: Sequence[str]
    sources: Hashes


def write(path: Path, blocks: Iterable[Rows]) -> int:
    """Write rows into `path`; return how many there are. Equal rows make equal files."""
    rows = 0
    with writer(path) as file:
        for block in blocks:
            texts = block.texts
            rows += len(texts)
            columns = [
                texts.ids,
                pa.array(texts.id_keys),
                pa.array(block.repositories, pa.string()),
                pa.array(block.sources),
                pa.array(texts.prints.exact),
                _fixed(texts.prints),
            ]
            file.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
    return rows


def read(path: Path) -> Iterator[Texts]:
    """Read the texts that `write` wrote, a block at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BLOCK, columns=["id", "id_key", "exact", "near"]):
            near = np.frombuffer(batch["near"].buffers()[1], np.uint8).reshape(-1, SIZE)
            first = batch["near"].offset
            prints = Fingerprints(near[first : first + len(batch)], batch["exact"].to_numpy())
            yield Texts(batch["id"], batch["id_key"].to_numpy(), prints)


def writer(path: Path) -> pq.ParquetWriter:
    """Begin a file of such rows."""
    # Signatures do not shrink: to pack them would cost more than it saves.
    dictionaries = ["repository_id", "source"]
    return pq.ParquetWriter(path, SCHEMA, compression="none", use_dictionary=dictionaries)


def sources_in(path: Path) -> Hashes:
    """Return the sources of the rows of a file, each once."""
    column = pq.read_table(path, columns=["source"])["source"]
    return np.asarray(column.unique().to_numpy(), np.uint64)


def _fixed(prints: Fingerprints) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(prints.near))
    return pa.Array.from_buffers(pa.binary(SIZE), len(prints), [None, data])
