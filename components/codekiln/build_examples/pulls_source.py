"""Where pull requests come from: a version of a data set, or a folder of Parquet files.

Either is cut into parts in one fixed order, and neighboring parts make a job, so that what each job
holds depends on the data alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from codekiln.core.corpus import example_entries, pulls, repositories
from codekiln.core.corpus.example_entries import PULLS
from codekiln.core.corpus.pulls import PullRequest, from_row
from codekiln.core.datasets import reference, tables
from codekiln.core.datasets.dataset import Dataset, Shard
from codekiln.core.datasets.reference import Referred
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store

PATTERN = "*.parquet"
CHUNK_ROWS = 16
"""Pull requests that are Python objects at one time."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some pull requests that lie together: a shard of a data set, or a row group of a file."""

    place: str
    shard: Shard | None
    group: int
    rows: int


@dataclass(frozen=True, slots=True)
class Source:
    """All parts that are to be read, in order, and the digest of where they come from."""

    parts: Sequence[Part]
    digest: str

    @property
    def rows(self) -> int:
        """Return how many pull requests there are."""
        return sum(part.rows for part in self.parts)


def source(folder: Path, version: str, shard: int, shards: int) -> Source:
    """Return what `folder` names, this shard of it; raises InputError if it names nothing.

    `version` is that of the data set, "" for the one that was collected.
    """
    if reference.is_in(folder):
        return _of_dataset(reference.read(folder, version), shard, shards)
    if version:
        raise InputError(f"{folder} names no data set, so it has no version {version}: give none")
    found = sorted(folder.glob(PATTERN))
    if not found:
        raise InputError(
            f"{folder} holds neither {reference.NAME} nor {PATTERN}: give a folder that "
            "snapshot_pulls or collect_pulls wrote, or one of pull requests"
        )
    mine = [path for path in found if repositories.shard_of(path.name, shards) == shard]
    return Source([part for path in mine for part in _of_file(path)], "")


def _of_dataset(told: Referred, shard: int, shards: int) -> Source:
    keys = mine(example_entries.repositories(told), shard, shards)
    parts = [
        of_shard(told.dataset.uri, one)
        for entry in told.dataset.entries(told.version, keys)
        for one in entry.tables.get(PULLS, ())
    ]
    return Source(parts, told.version.digest)


def mine(keys: Iterable[str], shard: int, shards: int) -> list[str]:
    """Return those repositories that this part of the work has."""
    return [key for key in keys if repositories.shard_of(key, shards) == shard]


def of_shard(uri: str, shard: Shard) -> Part:
    """Return a shard of the data set `uri` as a part."""
    return Part(uri, shard, 0, shard.rows)


def _of_file(path: Path) -> Iterator[Part]:
    """Yield the row groups of one file; raises InputError if it holds no pull requests."""
    with pq.ParquetFile(path) as file:
        told = (file.schema_arrow.metadata or {}).get(b"codekiln.version", b"?").decode()
        if told != pulls.VERSION or file.schema_arrow.names != pulls.PULLS.names:
            raise InputError(
                f"{path} holds no pull requests of version {pulls.VERSION} (its version: {told}); "
                "collect again, or take it out of the folder"
            )
        for group in range(file.num_row_groups):
            yield Part(str(path), None, group, file.metadata.row_group(group).num_rows)


def jobs(parts: Sequence[Part], rows: int) -> Iterator[Sequence[Part]]:
    """Put neighboring parts together until a job has `rows` pull requests; one at the least."""
    held: list[Part] = []
    count = 0
    for part in parts:
        held.append(part)
        count += part.rows
        if count >= rows:
            yield held
            held, count = [], 0
    if held or not parts:
        yield held


def read(part: Part) -> Iterator[PullRequest]:
    """Yield the pull requests of `part`, a few in memory."""
    if part.shard is not None:
        # An object of a store holds connections: each process opens its own.
        rows = tables.rows(Dataset(open_store(part.place)), [part.shard])
        yield from (from_row(PullRequest, row) for row in rows)
        return
    with pq.ParquetFile(part.place) as file:
        for batch in file.read_row_group(part.group).to_batches(max_chunksize=CHUNK_ROWS):
            yield from (from_row(PullRequest, row) for row in batch.to_pylist())
