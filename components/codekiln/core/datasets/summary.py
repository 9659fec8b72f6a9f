"""What a version holds, key by key: rows, bytes, and what became of pull requests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.storage.side_by_side import side_by_side

LEDGER = "ledger"
OUTCOME, REASON = "outcome", "reason"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What one key holds: rows by table, outcomes as its ledger tells them (`filtered: bot`)."""

    key: str
    name: str
    rows: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    """Bytes of its shards."""
    outcomes: Mapping[str, int] = field(default_factory=dict)


def holdings(dataset: Dataset, version: Version, keys: list[str] | None = None) -> list[Holding]:
    """Return what each of `keys` (None: all) holds, sorted by name."""
    entries = dataset.entries(version, keys)
    found = side_by_side(lambda entry: holding(dataset, entry), entries)
    return sorted(found, key=lambda one: (one.name.lower(), one.key))


def holding(dataset: Dataset, entry: Entry) -> Holding:
    """Return what `entry` holds."""
    return Holding(
        key=entry.key,
        name=name_of(entry),
        rows={name: sum(shard.rows for shard in part) for name, part in entry.tables.items()},
        size=sum(shard.size for part in entry.tables.values() for shard in part),
        outcomes=dict(sorted(_outcomes(dataset, entry).items())),
    )


def _outcomes(dataset: Dataset, entry: Entry) -> Counter[str]:
    found: Counter[str] = Counter()
    shards = entry.tables.get(LEDGER, ())
    for table in tables.tables(dataset, shards, [OUTCOME, REASON]):
        for row in table.group_by([OUTCOME, REASON]).aggregate([([], "count_all")]).to_pylist():
            words = filter(None, (row[OUTCOME], row[REASON]))
            found[": ".join(words)] += row["count_all"]
    return found


def name_of(entry: Entry) -> str:
    """Return what people call the entry: the `name` of its state (owner/name), or its key."""
    return str(entry.state.get("name") or entry.key)


def keys_of(dataset: Dataset, version: Version, name: str) -> list[str]:
    """Return the keys that people call `name`: usually one, none if there is none."""
    if name in version.entries:
        return [name]
    wanted = name.lower()
    return [one.key for one in dataset.entries(version) if name_of(one).lower() == wanted]
