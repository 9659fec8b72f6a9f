"""What stayed on earlier nights: an immutable object of signatures for each, in storage.

The index is a data set (see `codekiln.core.datasets`): an entry a night, keyed by the digest of the
night's input, with one Parquet shard of a row for each example that stayed:

    id, id_key (64 bits), repository_id, exact (64 bits), near (192 bytes)

No text is in it. An entry keeps the number of its night. A night that runs again meets those before
it only, so it finds what it found the first time, and takes its own place.
"""

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.clean_corpus.duplicates import BLOCK, Texts
from codekiln.clean_corpus.signatures import FORMAT, SIZE, Fingerprints
from codekiln.core import digest
from codekiln.core.datasets import held
from codekiln.core.datasets.dataset import Dataset, Entry, Shard
from codekiln.core.errors import InputError
from codekiln.core.storage.lease import Lease, Pace
from codekiln.core.storage.objects import open_store

TABLE = "signatures"
WRITER = "clean-corpus"
PACE = Pace(patience_s=3600.0)
"""Shards of one night take turns, each for as long as millions of signatures take."""
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("id_key", pa.uint64(), nullable=False),
        pa.field("repository_id", pa.string(), nullable=False),
        pa.field("exact", pa.uint64(), nullable=False),
        pa.field("near", pa.binary(SIZE), nullable=False),
    ],
    metadata={"codekiln.format": TABLE},
)


@dataclass(frozen=True, slots=True)
class Night:
    """The place of one night: its number, and the shards of those before it, oldest first."""

    number: int
    before: Sequence[Shard]
    digest: str
    """Tells what stayed before; "" where nothing did."""


class NearIndex:
    """The index under one URI, held by this process alone; made by `opened`."""

    def __init__(self, dataset: Dataset, lease: Lease, scratch: Path) -> None:
        self._dataset, self._lease, self._scratch = dataset, lease, scratch

    def night(self, key: str) -> Night:
        """Return the place of the night `key`: its own if it has been there, else the next."""
        head = self._dataset.head()
        if head is None:
            return Night(1, (), "")
        entries = {entry.key: entry for entry in self._dataset.entries(head)}
        for entry in entries.values():
            self._check(entry)
        last = max((_number(entry) for entry in entries.values()), default=0)
        number = _number(entries[key]) if key in entries else last + 1
        before = sorted((e for e in entries.values() if _number(e) < number), key=_number)
        shards = tuple(shard for entry in before for shard in entry.tables.get(TABLE, ()))
        digests = [shard.sha256 for shard in shards]
        return Night(number, shards, digest.of_json(digests) if digests else "")

    def blocks(self, night: Night) -> Iterator[Texts]:
        """Yield what stayed before `night`; each shard is fetched once, and checked."""
        for shard in night.before:
            path = self._scratch / f"{shard.sha256}.parquet"
            if not path.exists():
                self._dataset.fetch(shard, path)
            yield from read(path)

    def commit(self, key: str, night: Night, path: Path, rows: int) -> None:
        """Make the file `path` of so many rows what stayed on `night`.

        Raises InputError if another run has taken the index over meanwhile.
        """
        shard = self._dataset.put(path, rows=rows, first=0, last=max(rows - 1, 0))
        state = {"format": FORMAT, "number": night.number}
        entry = Entry(key=key, tables={TABLE: [shard]}, state=state)
        self._lease.check()
        change = {key: partial(_become, entry)}
        self._dataset.commit(change, run=WRITER, note=f"night {night.number}")

    def forget(self, repository_id: str) -> int:
        """Take the rows of a repository out of all nights; return how many there were.

        Older versions of the data set still have them until they are pruned.
        """
        head = self._dataset.head()
        entries = list(self._dataset.entries(head)) if head else []
        changed: dict[str, Entry] = {}
        for entry in entries:
            shards = [self._without(one, repository_id) for one in entry.tables.get(TABLE, ())]
            if shards != list(entry.tables.get(TABLE, ())):
                changed[entry.key] = dataclasses.replace(entry, tables={TABLE: shards})
        if changed:
            self._lease.check()
            changes = {key: partial(_become, entry) for key, entry in changed.items()}
            self._dataset.commit(changes, run=WRITER, note=f"forgets {repository_id}")
        return _rows(entries) - _rows(changed.get(one.key, one) for one in entries)

    def _without(self, shard: Shard, repository_id: str) -> Shard:
        path = self._scratch / f"{shard.sha256}.parquet"
        self._dataset.fetch(shard, path)
        table = pq.read_table(path)
        left = table.filter(pc.not_equal(table["repository_id"], repository_id))
        if len(left) == len(table):
            return shard
        path = self._scratch / "left.parquet"
        with _writer(path) as file:
            file.write_table(left, row_group_size=BLOCK)
        return self._dataset.put(path, rows=len(left), first=0, last=max(len(left) - 1, 0))

    def _check(self, entry: Entry) -> None:
        told = entry.state.get("format")
        if told != FORMAT:
            raise InputError(
                f"{self._dataset.uri} holds signatures of the format {told!r}, wanted {FORMAT!r}: "
                "give another place, and clean all examples again"
            )


@contextmanager
def opened(uri: str) -> Iterator[NearIndex]:
    """Hold the index under `uri` for a block; waits for another run that holds it."""
    store = open_store(uri)
    prefix = "codekiln-near-"
    with (
        held.writer(store, WRITER, PACE) as lease,
        tempfile.TemporaryDirectory(prefix=prefix) as scratch,
    ):
        yield NearIndex(Dataset(store), lease, Path(scratch))


def write(path: Path, blocks: Iterable[tuple[Texts, Sequence[str]]]) -> int:
    """Write texts, each with the id of its repository, into `path`; return how many there are.

    Equal texts make equal files.
    """
    rows = 0
    with _writer(path) as file:
        for texts, repositories in blocks:
            rows += len(texts)
            columns = [
                texts.ids,
                pa.array(texts.id_keys),
                pa.array(repositories, pa.string()),
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


def _writer(path: Path) -> pq.ParquetWriter:
    # Signatures do not shrink: to pack them would cost more than it saves.
    return pq.ParquetWriter(path, SCHEMA, compression="none", use_dictionary=["repository_id"])


def _become(entry: Entry, _: Entry | None) -> Entry:
    return entry


def _rows(entries: Iterable[Entry]) -> int:
    return sum(shard.rows for entry in entries for shard in entry.tables.get(TABLE, ()))


def _fixed(prints: Fingerprints) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(prints.near))
    return pa.Array.from_buffers(pa.binary(SIZE), len(prints), [None, data])


def _number(entry: Entry) -> int:
    return int(entry.state["number"])
