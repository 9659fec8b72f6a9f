"""Holds what the entries say against the rows that they stand for: sums are believed when proven.

How many rows a table has, its shards tell; what they say is read where an entry changed since it
was proven last, so that a night without news reads nothing.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.pulls import COLLECTED
from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.storage.side_by_side import side_by_side
from codekiln.reconcile_pulls.accounts import Account

WORKERS = 8
COLUMNS = ["outcome", "reason"]


def faults(
    dataset: Dataset, version: Version | None, accounts: Sequence[Account], proven: Collection[str]
) -> dict[str, str]:
    """Return, by the name of the repository, how rows and sums disagree; empty where they agree.

    The digests in `proven` are of entries whose rows were read before.
    """
    kept = [account for account in accounts if account.digest]
    if version is None or not kept:
        return {}

    def fault(account: Account) -> tuple[str, str]:
        entry = dataset.entry(version, account.key)
        if entry is None:
            return account.name, "its entry is gone"
        return account.name, fault_of(
            dataset, entry, account.sums, is_proven=account.digest in proven
        )

    return {name: told for name, told in side_by_side(fault, kept, WORKERS) if told}


def fault_of(dataset: Dataset, entry: Entry, sums: Sums, is_proven: bool = False) -> str:
    """Say how the rows of `entry` and its `sums` disagree; empty if they agree."""
    lines, pulls = (_rows(entry, table) for table in ("ledger", "pulls"))
    if lines != sums.listed:
        return f"its ledger has {lines:,} rows, and {sums.listed:,} are summed up"
    if pulls != sums.collected:
        return f"it holds {pulls:,} pull requests, and {sums.collected:,} are summed up"
    if is_proven:
        return ""
    counted = outcomes(dataset, entry.tables.get("ledger", ()))
    told = ledger.outcomes(sums)
    for outcome, reason in sorted(counted.keys() | told.keys()):
        rows, summed = counted[outcome, reason], told.get((outcome, reason), 0)
        if rows != summed:
            named = outcome if outcome == COLLECTED else f"{outcome} ({reason})"
            return f"{rows:,} rows are {named}, and {summed:,} are summed up"
    return ""


def _rows(entry: Entry, table: str) -> int:
    return sum(shard.rows for shard in entry.tables.get(table, ()))


def outcomes(dataset: Dataset, shards: Sequence[Shard]) -> Counter[tuple[str, str]]:
    """Count the rows of a ledger by outcome and reason."""
    counted: Counter[tuple[str, str]] = Counter()
    for table in tables.tables(dataset, shards, COLUMNS):
        for row in table.group_by(COLUMNS).aggregate([([], "count_all")]).to_pylist():
            counted[row["outcome"], row["reason"]] += row["count_all"]
    return counted
