"""Where examples come from: a version of a data set that a folder hands on, or a folder of files.

Either is cut into parts, a file each, in one fixed order. What is opened here is small and can be
sent to another process; that one fetches what it reads.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Example
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset, Shard, Version
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import open_store

TABLE = "examples"
"""What a data set of examples calls its table; its entries are repositories, by node id."""


@dataclass(frozen=True, slots=True)
class Part:
    """Examples that lie in one file: a shard of the repository `key`, or a file of a folder."""

    place: str
    """URI of the data set, or path of the file."""
    rows: int
    key: str = ""
    shard: Shard | None = None

    @contextlib.contextmanager
    def file(self) -> Iterator[Path]:
        """Give the Parquet file on the local disk; one that was fetched is gone afterwards."""
        if self.shard is None:
            yield Path(self.place)
            return
        with run_folder("codekiln-examples-") as scratch:
            path = scratch / "examples.parquet"
            _opened(self.place).fetch(self.shard, path)
            yield path

    def read(self) -> Iterator[Example]:
        """Read its examples in order."""
        with self.file() as path:
            yield from examples.read_file(path)


@functools.lru_cache(4)
def _opened(place: str) -> Dataset:
    """Return the data set under `place`, with this process's own connections."""
    return Dataset(open_store(place))


@dataclass(frozen=True, slots=True)
class Source:
    """All parts in order, and the digest of the version that they are of ("" for files)."""

    parts: Sequence[Part]
    digest: str

    @property
    def rows(self) -> int:
        """Return how many examples there are."""
        return sum(part.rows for part in self.parts)


def source(folder: Path, kept_out: frozenset[str] | None = None) -> Source:
    """Return the examples of `folder`; raises InputError if it neither holds nor names any.

    `kept_out` is as `of_version` has it.
    """
    if reference.is_in(folder):
        told = reference.read(folder)
        return of_version(told.dataset, told.version, kept_out)
    files = examples.shards(folder)
    return Source([Part(str(path), pq.read_metadata(path).num_rows) for path in files], "")


def of_version(
    dataset: Dataset, version: Version, kept_out: frozenset[str] | None = None
) -> Source:
    """Return the examples of `version` of a data set, by repository, then as they came.

    None are of the repositories `kept_out`; if nobody says, of those that were forgotten since.
    """
    if kept_out is None:
        kept_out = forgotten.since(dataset)
    keys = sorted(version.entries.keys() - kept_out)
    parts = [
        Part(dataset.uri, shard.rows, entry.key, shard)
        for entry in dataset.entries(version, keys)
        for shard in entry.tables.get(TABLE, ())
    ]
    return Source(parts, version.digest)


def read(folder: Path) -> Iterator[Example]:
    """Read the examples of `folder` in order."""
    return (example for part in source(folder).parts for example in part.read())
