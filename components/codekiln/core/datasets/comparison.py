"""What lies between two versions: keys and rows that were added, changed or removed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.datasets.shard_file import NUMBER
from codekiln.core.datasets.summary import name_of

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The numbers of the rows of one table that were added, changed or removed, ascending."""

    added: Sequence[int] = ()
    changed: Sequence[int] = ()
    removed: Sequence[int] = ()

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What became of one key; `tables` has only those whose rows differ, by name."""

    key: str
    name: str
    status: str
    tables: Mapping[str, Rows] = field(default_factory=dict)


def differences(dataset: Dataset, older: Version, newer: Version) -> Iterator[Difference]:
    """Yield what differs between two versions, by key; shards that both have are not read."""
    for key in sorted({*older.entries, *newer.entries}):
        if older.entries.get(key) != newer.entries.get(key):
            before, after = dataset.entry(older, key), dataset.entry(newer, key)
            yield difference(dataset, before, after)


def difference(dataset: Dataset, before: Entry | None, after: Entry | None) -> Difference:
    """Compare two entries of one key, of which one may be missing."""
    there = after or before
    if there is None:
        raise ValueError("nothing to compare")
    status = CHANGED if before and after else ADDED if after else REMOVED
    old, new = (one.tables if one else {} for one in (before, after))
    found = {
        name: _rows(dataset, set(old.get(name, ())), set(new.get(name, ())))
        for name in sorted({*old, *new})
    }
    differing = {name: rows for name, rows in found.items() if rows}
    return Difference(key=there.key, name=name_of(there), status=status, tables=differing)


def _rows(dataset: Dataset, old: set[Shard], new: set[Shard]) -> Rows:
    before = _digests(dataset, old - new, is_alone=not new)
    after = _digests(dataset, new - old, is_alone=not old)
    return Rows(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=sorted(n for n in before.keys() & after.keys() if before[n] != after[n]),
    )


def _digests(dataset: Dataset, shards: set[Shard], *, is_alone: bool) -> dict[int, bytes]:
    """Return a digest of each row by number; empty ones where there is nothing to compare with."""
    columns = [NUMBER] if is_alone else None
    rows = tables.rows(dataset, list(shards), columns)
    # Rows of tables that others write may have no number: then it is their place.
    return {
        row.get(NUMBER, place): b"" if is_alone else _digest(row) for place, row in enumerate(rows)
    }


def _digest(row: dict[str, Any]) -> bytes:
    return hashlib.sha256(repr(row).encode()).digest()
