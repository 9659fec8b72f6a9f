"""Taking what belongs to one key out of a data set: its own entry, and its rows in other entries.

Most data sets have an entry for each repository; some entries hold rows of many (the answers of a
search, the signatures of a night). Newer versions are made without it by `commit`; older ones that
still hold it, and what only they need, are removed by `Dataset.erase`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.core.datasets import forgotten
from codekiln.core.datasets.commits import Change
from codekiln.core.datasets.contents import ENTRIES, scratch, shard_name
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import ServiceError
from codekiln.core.storage.objects import DamagedError, MissingError
from codekiln.core.storage.side_by_side import side_by_side

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Shared:
    """Entries with rows of many keys: how their own keys begin, their table, its column of keys.

    `beside` names further tables of these entries that have the same column.
    """

    prefix: str
    table: str
    column: str
    beside: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of all their tables."""
        return self.table, *self.beside


@dataclass(frozen=True, slots=True)
class Held:
    """What a version holds of a key: whether an entry of its own, and rows of it by table."""

    entry: bool = False
    rows: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether it holds anything."""
        return self.entry or bool(self.rows)


@dataclass(frozen=True, slots=True)
class Looked:
    """A version that was looked into: what it is called, and whether it holds anything."""

    number: int
    created: str
    digest: str
    holds: bool


class Traces:
    """Where a data set holds what belongs to `key`; each shard is read once."""

    def __init__(self, dataset: Dataset, key: str, shared: Shared | None = None) -> None:
        self.dataset, self.key = dataset, key
        self._shared = shared
        self._tables = shared.tables if shared else ()
        self._counted: dict[str, int] = {}
        self._unwanted: set[str] = set()
        self._wanted: set[str] = set()
        self._looked: dict[int, Looked] = {}

    # --- looking ---

    def held(self, version: Version) -> Held:
        """Return what `version` holds of the key."""
        own = self.dataset.entry(version, self.key)
        parts = own.tables if own else {}
        rows = {name: sum(one.rows for one in part) for name, part in parts.items() if part}
        others = list(self._others(version))
        for name in self._tables:
            strewn = sum(self._rows_in(one.tables.get(name, ())) for one in others)
            rows |= {name: strewn} if strewn else {}
        return Held(own is not None, rows)

    def is_in(self, version: Version) -> bool:
        """Say whether `version` holds anything of the key."""
        if self.key in version.entries:
            return True
        return any(self._rows_in(self._shards_of(one)) for one in self._others(version))

    def _others(self, version: Version) -> Iterable[Entry]:
        shared = self._shared
        if shared is None:
            return ()
        keys = [key for key in version.entries if key.startswith(shared.prefix) and key != self.key]
        return self.dataset.entries(version, sorted(keys))

    def _shards_of(self, entry: Entry) -> list[Shard]:
        return [shard for name in self._tables for shard in entry.tables.get(name, ())]

    def _rows_in(self, shards: Iterable[Shard]) -> int:
        every = list(shards)
        new = [shard for shard in every if shard.sha256 not in self._counted]
        for shard, count in zip(new, side_by_side(self._count, new), strict=True):
            self._counted[shard.sha256] = count
        return sum(self._counted[shard.sha256] for shard in every)

    def _count(self, shard: Shard) -> int:
        if self._shared is None:
            return 0
        with scratch() as folder:
            path = folder / "shard.parquet"
            self.dataset.fetch(shard, path)
            return _rows_of(path, self._shared.column, self.key)

    # --- newer versions ---

    def commit(self, run: str, mark: Forgotten | None) -> Version:
        """Commit a version without the key, that keeps it out if there is a `mark`.

        Returns the newest version where there is nothing to do. What others commit stays; what
        they add of the key meanwhile goes too. With a mark an empty data set gets a first version,
        which keeps the key out; without one it raises InputError.
        """
        name = mark.name if mark else self.key
        for _ in range(ATTEMPTS):
            head = self.dataset.head() if mark else self.dataset.newest()
            changes = self._changes(head) if head else {}
            kept_out = mark is None or self.key in forgotten.keys(head.state if head else {})
            if head and not changes and kept_out:
                return head
            # The moment of an earlier decision stands.
            state = {} if mark is None or kept_out else forgotten.kept_out(mark)
            self.dataset.commit(changes, run=run, note=f"forgets {name}", state=state)
        raise ServiceError(f"{self.dataset.uri}: others write without end; stop them, then again")

    def _changes(self, head: Version) -> dict[str, Change]:
        changes: dict[str, Change] = {self.key: _nothing} if self.key in head.entries else {}
        for entry in self._others(head):
            if self._rows_in(self._shards_of(entry)):
                changes[entry.key] = partial(_applied, self)
        return changes

    def without(self, entry: Entry) -> Entry:
        """Return `entry` without the rows of the key; shards that lose some are stored anew."""
        made = {name: map(self._rewritten, entry.tables.get(name, ())) for name in self._tables}
        left = {name: [shard for shard in some if shard] for name, some in made.items()}
        return replace(entry, tables={**entry.tables, **left})

    def _rewritten(self, shard: Shard) -> Shard | None:
        if self._shared is None or not self._rows_in([shard]):
            return shard
        with scratch() as folder:
            path, new = folder / "shard.parquet", folder / "left.parquet"
            self.dataset.fetch(shard, path)
            rows = _copy_without(path, new, self._shared.column, self.key)
            if not rows:
                return None
            # Where first and last are places, not numbers of rows, they stay places.
            are_places = shard.last - shard.first == shard.rows - 1
            last = shard.first + rows - 1 if are_places else shard.last
            return self.dataset.put(new, rows=rows, first=shard.first, last=last)

    # --- older versions ---

    def versions(self) -> list[Looked]:
        """Return the versions that are left, from the newest down; each is read once."""
        numbers = self.dataset.numbers()
        new = [number for number in numbers if number not in self._looked]
        for one in self.dataset.versions(new):
            self._looked[one.number] = Looked(one.number, one.created, one.digest, self.is_in(one))
        return [self._looked[n] for n in reversed(numbers) if n in self._looked]

    def holding(self) -> list[Looked]:
        """Return the versions that hold anything of the key, from the newest down."""
        return [one for one in self.versions() if one.holds]

    def is_in_object(self, name: str) -> bool:
        """Say whether the entry or shard `name`, which no version needs, is of the key.

        Ask for entries first: what an entry of the key needs is of the key too.
        """
        if name not in self._unwanted and name not in self._wanted:
            is_of_it = self._is_entry(name) if name.startswith(ENTRIES) else self._is_shard(name)
            (self._unwanted if is_of_it else self._wanted).add(name)
        return name in self._unwanted

    def _is_entry(self, name: str) -> bool:
        try:
            told = json.loads(self.dataset.store.read(name))
        except (ValueError, *UNREADABLE):
            return False
        if told.get("key") != self.key:
            return False
        every = (one["sha256"] for shards in told["tables"].values() for one in shards)
        self._unwanted.update(map(shard_name, every))
        return True

    def _is_shard(self, name: str) -> bool:
        with scratch() as folder:
            path = folder / "shard.parquet"
            try:
                self.dataset.store.download(name, path)
            except UNREADABLE:
                return False
            return _is_of(path, self.key)


UNREADABLE = (MissingError, DamagedError)
"""What is gone meanwhile, or was never whole: nobody can tell whose it is."""
KEY_COLUMNS = ("repository_id", "node_id")
"""What columns are called that say whose a row is."""


def _nothing(_: Entry | None) -> None:
    return None


def _applied(traces: Traces, entry: Entry | None) -> Entry | None:
    return traces.without(entry) if entry else None


def _is_of(path: Path, key: str) -> bool:
    """Say whether any row of the file is of `key`; a file that is no table has none."""
    try:
        known = [name for name in KEY_COLUMNS if name in pq.read_schema(path).names]
    except (pa.ArrowInvalid, OSError):
        return False
    return any(_rows_of(path, column, key) for column in known)


def _rows_of(path: Path, column: str, key: str) -> int:
    with pq.ParquetFile(path) as file:
        counts = (
            pc.sum(pc.equal(batch[column], key)).as_py() or 0
            for batch in file.iter_batches(columns=[column])
        )
        return sum(counts)


def _copy_without(path: Path, new: Path, column: str, key: str) -> int:
    """Write the rows of `path` whose `column` is not `key` into `new`, as they were written there.

    Returns how many there are.
    """
    rows = 0
    with pq.ParquetFile(path) as file:
        packed, listed = _written_with(file)
        with pq.ParquetWriter(
            new, file.schema_arrow, compression=packed, use_dictionary=listed
        ) as writer:
            for number in range(file.num_row_groups):
                table = file.read_row_group(number)
                left = table.filter(pc.not_equal(table[column], key))
                rows += len(left)
                if len(left):
                    writer.write_table(left, row_group_size=len(left))
    return rows


def _written_with(file: pq.ParquetFile) -> tuple[dict[str, str], list[str]]:
    """Return the compression of each column of `file`, and which have a dictionary."""
    if not file.num_row_groups:
        return {}, []
    group = file.metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    packed = {one.path_in_schema: _codec(one.compression) for one in columns}
    listed = [one.path_in_schema for one in columns if one.has_dictionary_page]
    return packed, listed


def _codec(told: str) -> str:
    return "none" if told == "UNCOMPRESSED" else told.lower()
