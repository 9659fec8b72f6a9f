"""What stayed on earlier nights: an immutable object of signatures for each, in storage.

The index is a data set (see `codekiln.core.datasets`): an entry a night, keyed by the digest of the
night's input, with one file of signatures. There are two ways to say which rows count.

* Without a data set of what was cleaned: the nights before this one. An entry keeps the number of
  its night. A night that runs again meets those before it only, so it finds what it found the first
  time, and takes its own place.
* Beside such a data set: the rows whose source, the shard that the example was written into, is
  `live`: it stands in that data set, and goes on standing. So the index never says more than the
  data, wherever a run was killed, whatever was replaced, removed or restored since. Rows that do
  not count are swept out when most of their night do not. Here the newest night keeps some of what
  it dropped too, so that who takes up a run that was killed after all was written can tell of it.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.clean_corpus import signature_file
from codekiln.clean_corpus.duplicates import BLOCK, Texts
from codekiln.clean_corpus.signature_file import sources_in, writer
from codekiln.clean_corpus.signatures import FORMAT
from codekiln.clean_corpus.text_hashes import Hashes
from codekiln.core import digest
from codekiln.core.corpus import layout
from codekiln.core.datasets import held, retention
from codekiln.core.datasets.commits import Change
from codekiln.core.datasets.dataset import Dataset, Entry, Shard
from codekiln.core.errors import InputError
from codekiln.core.scratch import run_folder
from codekiln.core.storage.lease import Lease, Pace
from codekiln.core.storage.objects import open_store

TABLE, REJECTS = layout.SIGNATURES.table, layout.REJECTS
NO_SOURCES = np.zeros(0, np.uint64)
WRITER = layout.NEAR_WRITER
SCRATCH = "codekiln-near-"
PACE = Pace(patience_s=3600.0)
"""Shards of one night take turns, each for as long as millions of signatures take."""
VERSIONS = 3
"""Versions that stay, for whoever wants to see what went wrong."""


@dataclass(frozen=True, slots=True)
class Night:
    """The place of one night: its number, and the shards of those it meets, oldest first."""

    number: int
    before: Sequence[Shard]
    digest: str
    """Tells what stayed before; "" where nothing did."""


class NearIndex:
    """The index under one URI, held by this process alone; made by `opened`."""

    def __init__(self, dataset: Dataset, lease: Lease, scratch: Path, live: Hashes | None) -> None:
        self._dataset, self._lease, self._scratch, self._live = dataset, lease, scratch, live

    def night(self, key: str) -> Night:
        """Return the place of the night `key`: its own if it has been there, else the next."""
        entries = {entry.key: entry for entry in self._entries()}
        for entry in entries.values():
            self._check(entry)
        last = max((_number(entry) for entry in entries.values()), default=0)
        number = _number(entries[key]) if key in entries else last + 1
        others = (entry for entry in entries.values() if entry.key != key)
        met = [one for one in others if self._live is not None or _number(one) < number]
        shards = tuple(shard for entry in sorted(met, key=_number) for shard in _shards(entry))
        digests = [shard.sha256 for shard in shards]
        return Night(number, shards, digest.of_json(digests) if digests else "")

    def blocks(self, night: Night) -> Iterator[Texts]:
        """Yield what `night` meets; each shard is fetched once, and checked."""
        for shard in night.before:
            yield from signature_file.read(self._local(shard))

    def missing(self, night: Night) -> set[int]:
        """Return the live sources that `night` would not meet: the index lost them."""
        there = [sources_in(self._local(shard)) for shard in night.before]
        live = NO_SOURCES if self._live is None else self._live
        return set(np.setdiff1d(live, np.concatenate([NO_SOURCES, *there])).tolist())

    def _entries(self) -> list[Entry]:
        head = self._dataset.head()
        return list(self._dataset.entries(head)) if head else []

    def _local(self, shard: Shard) -> Path:
        """Return a file of the rows of `shard` that count."""
        path = self._scratch / f"{shard.sha256}.parquet"
        if not path.exists():
            whole = path.with_suffix(".whole")
            self._dataset.fetch(shard, whole)
            self._sift(whole, path)
        return path

    def _sift(self, whole: Path, path: Path) -> None:
        live = self._live
        if live is None or np.isin(sources_in(whole), live).all():
            whole.rename(path)
            return
        with pq.ParquetFile(whole) as file, writer(path) as sifted:
            for batch in file.iter_batches(BLOCK):
                counts = np.isin(batch["source"].to_numpy(), live)
                sifted.write_batch(batch.filter(pa.array(counts)))
        whole.unlink()

    def commit(self, key: str, night: Night, path: Path, rejects: Path | None = None) -> None:
        """Make the file `path` what stayed on `night`, and `rejects` some of what did not.

        Raises InputError if another run has taken the index over meanwhile.
        """
        tables = {TABLE: [self._put(path)]} | ({REJECTS: [self._put(rejects)]} if rejects else {})
        state = {"format": FORMAT, "number": night.number}
        entry = Entry(key=key, tables=tables, state=state)
        changes = self._swept(key)
        changes[key] = partial(_become, entry)
        self._lease.check()
        self._dataset.commit(changes, run=WRITER, note=f"night {night.number}")

    def _swept(self, key: str) -> dict[str, Change]:
        """Return what frees the other nights of rows that do not count, where most do not.

        And of their rejects: people look at those of the newest night.
        """
        if self._live is None:
            return {}
        changes: dict[str, Change] = {}
        for entry in (one for one in self._entries() if one.key != key):
            left = [self._local(shard) for shard in _shards(entry)]
            count = sum(pq.read_metadata(path).num_rows for path in left)
            most_count = 2 * count >= max(_rows([entry]), 1)
            if not most_count or REJECTS in entry.tables:
                shards = _shards(entry) if most_count else [self._put(path) for path in left]
                after = dataclasses.replace(entry, tables={TABLE: shards}) if count else None
                changes[entry.key] = partial(_become, after)
        return changes

    def _put(self, path: Path) -> Shard:
        rows = pq.read_metadata(path).num_rows
        return self._dataset.put(path, rows=rows, first=0, last=max(rows - 1, 0))

    def prune(self) -> None:
        """Remove old versions, and what only they need: nobody reads them."""
        if head := self._dataset.head():
            retention.keep_newest(self._dataset, head, VERSIONS)

    def _check(self, entry: Entry) -> None:
        told = entry.state.get("format")
        if told != FORMAT:
            raise InputError(
                f"{self._dataset.uri} holds signatures of the format {told!r}, wanted {FORMAT!r}: "
                "give another place, and clean all examples again"
            )


@contextmanager
def opened(uri: str, live: Hashes | None = None) -> Iterator[NearIndex]:
    """Hold the index under `uri` for a block; waits for another run that holds it.

    With `live` only rows of these sources count.
    """
    store = open_store(uri)
    with (
        held.writer(store, WRITER, PACE) as lease,
        run_folder(SCRATCH) as scratch,
    ):
        yield NearIndex(Dataset(store), lease, scratch, live)


def rejects(uri: str, key: str) -> Iterator[Path]:
    """Yield files of what the night `key` dropped, if it is the newest in the index under `uri`."""
    dataset = Dataset(open_store(uri))
    head = dataset.head()
    entry = dataset.entry(head, key) if head else None
    with run_folder(SCRATCH) as scratch:
        for shard in entry.tables.get(REJECTS, ()) if entry else ():
            path = scratch / shard.sha256
            dataset.fetch(shard, path)
            yield path


def source_of(shard: Shard) -> int:
    """Return what rows name as their source for the examples in `shard`."""
    return int(shard.sha256[:16], 16)


def _become(entry: Entry | None, _: Entry | None) -> Entry | None:
    return entry


def _shards(entry: Entry) -> list[Shard]:
    return list(entry.tables.get(TABLE, ()))


def _rows(entries: Iterable[Entry]) -> int:
    return sum(shard.rows for entry in entries for shard in _shards(entry))


def _number(entry: Entry) -> int:
    return int(entry.state["number"])
