"""Pruning: old versions go, and the objects that only they needed.

Order is what makes it safe. The record of the prune comes first, then a look at what the versions
that stay need, then a version that tells writers (see `sweeps`); then versions go, then shards and
entries. Killed anywhere, it leaves a whole data set, and objects that nothing refers to, for the
next prune.
"""

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from codekiln.core.datasets import sweeps
from codekiln.core.datasets.commits import created
from codekiln.core.datasets.contents import (
    ENTRIES,
    SHARDS,
    Contents,
    entry_name,
    shard_name,
    version_name,
)
from codekiln.core.datasets.sweeps import Sweep
from codekiln.core.datasets.version import Version
from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.storage.lease import this_process
from codekiln.core.storage.objects import ConflictError, DamagedError, MissingError
from codekiln.core.storage.side_by_side import exhaust, side_by_side

GRACE = timedelta(days=1)
"""Longer than any run holds on to shards that it has not committed."""
ATTEMPTS = 20
RUN = "prune"
"""What versions that only tell of a prune say of their run."""
BATCH = 200
"""Objects removed between two looks at the clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """What a prune removed and left; `size` is the bytes of the shards of the removed versions."""

    versions: int
    entries: int
    shards: int
    size: int
    kept: int
    """Versions that are left."""
    waiting: int
    """Objects that no version refers to; they go when they have been seen so for long enough."""


@dataclass(slots=True)
class Needs:
    """The objects that versions need; `shards` gives the size of each, by name."""

    entries: set[str] = field(default_factory=set)
    shards: dict[str, int] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Say whether the object `name` is needed."""
        return name in self.entries or name in self.shards


class OvertakenError(Exception):
    """Another version was made since the look at what is needed."""


class Prune:
    """One prune."""

    def __init__(self, contents: Contents, keep: int, grace: timedelta, now: datetime) -> None:
        if keep < 1:
            raise InputError(f"keep is {keep}; the newest version always stays: give 1 or more")
        self._contents, self._store = contents, contents.store
        self._keep, self._grace, self._now = keep, grace, now
        self._beaten = 0.0

    def done(self) -> Pruned:
        """Do it, and say what was done; raises ServiceError if another prune goes on."""
        sweep = self._begin()
        try:
            return self._tried(sweep)
        except BaseException:
            # Nobody need wait for what does not go on.
            with contextlib.suppress(CodekilnError, OSError):
                dataclasses.replace(sweep, ended=True, versions=()).write(self._store)
            raise

    def _tried(self, sweep: Sweep) -> Pruned:
        for _ in range(ATTEMPTS):
            with contextlib.suppress(OvertakenError):
                return self._swept(sweep)
        raise ServiceError(
            f"{self._contents.uri}: too many write at once to prune; prune when they are done"
        )

    def _swept(self, sweep: Sweep) -> Pruned:
        # Names given from now on are refused by those who give them.
        named = set(self._contents.names().values())
        going = [number for number in sweep.versions if number not in named]
        head = self._contents.head()
        needed = self._needed(going)
        freed = self._freed(going, needed)
        orphans = self._orphans(sweep, self._listed(head), needed, freed)
        due = [name for name, since in orphans.items() if self._is_due(name, since)]
        removed = sorted([*freed.entries, *freed.shards, *due])
        if going or removed:
            self._announce(sweep, head)
            sweep = self._remove(sweep, [version_name(number) for number in going])
            # Entries last: what one of them tells of shards that nobody needs is told to the end.
            sweep = self._remove(sweep, [one for one in removed if not one.startswith(ENTRIES)])
            sweep = self._remove(sweep, [one for one in removed if one.startswith(ENTRIES)])
        left = {name: since for name, since in orphans.items() if name not in set(due)}
        self._end(dataclasses.replace(sweep, ended=True, versions=(), orphans=left))
        entries = sum(name.startswith(ENTRIES) for name in removed)
        return Pruned(
            versions=len(going),
            entries=entries,
            shards=len(removed) - entries,
            size=sum(freed.shards.values()),
            kept=len(self._contents.numbers()),
            waiting=len(left),
        )

    def _announce(self, sweep: Sweep, head: Version | None) -> None:
        """Make the version that tells writers of this prune, right on top of `head`."""
        version = Version(
            number=head.number + 1 if head else 1,
            parent=head.number if head else None,
            created=self._now.astimezone(UTC).isoformat(timespec="seconds"),
            run=RUN,
            note=self._note(),
            entries=head.entries if head else {},
            state=head.state if head else {},
            parent_digest=head.digest if head else "",
            prune=sweep.number,
        )
        if not created(self._contents, version):
            raise OvertakenError

    def _note(self) -> str:
        return f"keeps the newest {self._keep}, and those with a name"

    def _begin(self) -> Sweep:
        self._contents.begin()
        before = sweeps.settled(self._store)
        sweep = Sweep(
            number=before.number + 1 if before else 1,
            owner=this_process(),
            versions=self._going(self._contents.numbers()),
            orphans=before.orphans if before else {},
        )
        try:
            sweep.write(self._store, create=True)
        except ConflictError as error:
            raise ServiceError(
                f"another prune of {self._contents.uri} has just begun; wait for its end"
            ) from error
        self._beaten = time.time()
        return sweep

    def _going(self, numbers: Sequence[int]) -> list[int]:
        """Return those of `numbers` whose versions go."""
        kept = {*self._newest(numbers), *self._contents.names().values()}
        return [number for number in numbers if number not in kept]

    def _newest(self, numbers: Sequence[int]) -> list[int]:
        """Return the numbers of the newest versions; those that only tell of prunes come free."""
        kept: list[int] = []
        left = self._keep
        for number in reversed(numbers):
            if not left:
                break
            kept.append(number)
            left -= not self._is_announcement(number)
        return kept

    def _is_announcement(self, number: int) -> bool:
        try:
            return self._contents.version(number).run == RUN
        except (MissingError, DamagedError):
            return False

    def _needed(self, going: Sequence[int]) -> Needs:
        """Return what the versions that stay need."""
        needs = Needs()
        for number in self._contents.numbers():
            if number not in going:
                # One that is gone was beside the line: see `commits`.
                with contextlib.suppress(MissingError):
                    self._add(needs, self._contents.version(number))
        return needs

    def _add(self, needs: Needs, version: Version) -> None:
        new = [told for told in version.entries.values() if entry_name(told) not in needs.entries]
        needs.entries.update(map(entry_name, new))
        for entry in self._contents.entries(new):
            for shards in entry.tables.values():
                needs.shards.update((shard_name(shard.sha256), shard.size) for shard in shards)

    def _freed(self, going: Sequence[int], needed: Needs) -> Needs:
        """Return what only the versions that go needed."""
        freed = Needs()
        for told in self._entries_of(going):
            if entry_name(told) in needed or entry_name(told) in freed:
                continue
            freed.entries.add(entry_name(told))
        for shards in side_by_side(self._shards_of, freed.entries):
            freed.shards.update((name, size) for name, size in shards if name not in needed)
        return freed

    def _entries_of(self, going: Sequence[int]) -> Iterator[str]:
        for number in going:
            try:
                yield from self._contents.version(number).entries.values()
            except (MissingError, DamagedError):
                # It goes all the same; what it needed goes when it has been seen unused.
                continue

    def _shards_of(self, name: str) -> list[tuple[str, int]]:
        try:
            entry = self._contents.entry(name.removeprefix(ENTRIES).removesuffix(".json"))
        except DamagedError:
            return []
        every = (shard for shards in entry.tables.values() for shard in shards)
        return [(shard_name(shard.sha256), shard.size) for shard in every]

    def _listed(self, head: Version | None) -> list[str]:
        """Return the entries and shards that are there; ServiceError if the newest lacks any."""
        listed = [*self._store.names(ENTRIES), *self._store.names(SHARDS)]
        needs = Needs()
        if head:
            self._add(needs, head)
        lost = {*needs.entries, *needs.shards} - set(listed)
        if head and lost:
            raise ServiceError(
                f"version {head.number} of {self._store.uri} lacks {min(lost)}, so nothing is "
                "pruned; put it back from a copy, or restore an older version: "
                f"codekiln data restore {self._store.uri} VERSION"
            )
        return listed

    def _orphans(
        self, sweep: Sweep, listed: list[str], needed: Needs, freed: Needs
    ) -> dict[str, str]:
        """Return the objects that no version refers to, and since when that is known."""
        now = self._now.isoformat(timespec="seconds")
        return {
            name: sweep.orphans.get(name, now)
            for name in listed
            if name not in needed and name not in freed
        }

    def _is_due(self, name: str, since: str) -> bool:  # noqa: ARG002 -- an erasure goes by it
        return self._now - datetime.fromisoformat(since) >= self._grace

    def _remove(self, sweep: Sweep, names: Sequence[str]) -> Sweep:
        for start in range(0, len(names), BATCH):
            sweep = self._beat(sweep)
            exhaust(side_by_side(self._store.delete, names[start : start + BATCH]))
        return sweep

    def _beat(self, sweep: Sweep) -> Sweep:
        """Give a sign of life if it is time; ServiceError if others may think that we died."""
        now = time.time()
        if abs(now - self._beaten) > sweeps.STILL_S / 2:
            raise ServiceError(
                f"the prune of {self._contents.uri} stood still for a while; prune again"
            )
        if now - self._beaten < sweeps.BEAT_S:
            return sweep
        sweep = dataclasses.replace(sweep, beat=sweep.beat + 1)
        sweep.write(self._store)
        self._beaten = now
        return sweep

    def _end(self, sweep: Sweep) -> None:
        sweep.write(self._store)
        for number in sweeps.numbers(self._store):
            if number < sweep.number:
                self._store.delete(sweeps.name_of(number))
