"""What became of the pull requests of each repository: the list of a run against the data set."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Entry, Version

COMPLETE = "complete"
UNFINISHED = "not finished"
UNREACHED = "not reached"
GONE = "gone"
UNLISTED = "no longer listed"
STATUSES = (UNREACHED, UNFINISHED, GONE, UNLISTED, COMPLETE)
"""In the order in which a person wants to look at them."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One repository: its sums, and how far its collection came.

    `status` is one of STATUSES; `why` says more of it. `digest` is that of the entry, "" for none.
    """

    key: str
    name: str
    status: str
    why: str = ""
    license: str = ""
    digest: str = ""
    sums: Sums = field(default_factory=Sums)

    @property
    def failed(self) -> int:
        """Pull requests that could not be collected."""
        return sum(self.sums.failed.values())

    @property
    def filtered(self) -> int:
        """Pull requests that a rule left out."""
        return sum(self.sums.filtered.values())

    @property
    def unaccounted(self) -> int:
        """Pull requests that nothing explains; those of a repository that is gone are none."""
        return 0 if self.status == GONE else max(0, self.sums.unaccounted)


def accounts(
    dataset: Dataset, version: Version | None, listed: Sequence[Repository] | None
) -> list[Account]:
    """Return an account for each repository of the list, and of the data set, by name.

    Without a list every repository of the data set counts as listed. Those that the data set keeps
    out are none: a list that was made before may still have them.
    """
    kept_out = forgotten.keys(version.state) if version else frozenset()
    entries = {entry.key: entry for entry in _entries(dataset, version)}
    names = {one.node_id: one.name for one in listed or () if one.node_id not in kept_out}
    digests = version.entries if version else {}
    found = [
        _of_entry(entry, digests[key], is_listed=listed is None or key in names)
        for key, entry in entries.items()
    ]
    found += [
        Account(key=key, name=name, status=UNREACHED, why="no collector has looked at it")
        for key, name in names.items()
        if key not in entries
    ]
    return sorted(found, key=lambda one: (STATUSES.index(one.status), one.name.lower()))


def _entries(dataset: Dataset, version: Version | None) -> Iterator[Entry]:
    """Yield the entries of repositories: those that a collector keeps sums in."""
    if version:
        keys = [key for key in sorted(version.entries) if "/" not in key]
        yield from (e for e in dataset.entries(version, keys) if ledger.STATE in e.state)


def _of_entry(entry: Entry, digest: str, *, is_listed: bool) -> Account:
    state = entry.state
    gone = str(state.get("gone") or "")
    status, why = COMPLETE, ""
    if gone:
        status, why = GONE, gone
    elif not is_listed:
        status, why = UNLISTED, "its data stays; nobody looks for new pull requests"
    elif not state.get("complete", True):
        status, why = UNFINISHED, "a collector stopped before its end"
    return Account(
        key=entry.key,
        name=str(state.get("name") or entry.key),
        status=status,
        why=why,
        license=str(state.get("license") or ""),
        digest=digest,
        sums=ledger.of_state(state),
    )


def total(found: Iterable[Account]) -> Sums:
    """Return the sums of several accounts together."""
    return ledger.added(one.sums for one in found)


def by_status(found: Iterable[Account]) -> Mapping[str, int]:
    """Count accounts by status, in the order of STATUSES; those that none has are left out."""
    counted = dict.fromkeys(STATUSES, 0)
    for one in found:
        counted[one.status] += 1
    return {status: count for status, count in counted.items() if count}
