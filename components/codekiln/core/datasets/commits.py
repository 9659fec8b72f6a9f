"""Committing: changes are applied to the newest version until one creates its successor.

Whoever creates v/N+1 first has it (If-None-Match). Who comes second reads the newest again and
applies once more only those changes whose entry is another now. No clock is asked.

A key that the newest version keeps out (see `forgotten`) is left out of the next, whatever a change
would make of it: who read an older version and works on does not bring it back.

A prune is a version too (see `sweeps`): a writer who meets one looks again whether everything that
it needs is there. One who stood still so long that the number it creates was pruned meanwhile finds
itself beside the line of versions, and begins anew.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from codekiln.core.datasets import forgotten, sweeps
from codekiln.core.datasets.contents import (
    Contents,
    LostError,
    check_name,
    version_name,
)
from codekiln.core.datasets.version import Entry, Shard, Version, sha256
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.objects import ConflictError, MissingError
from codekiln.core.storage.side_by_side import exhaust, side_by_side

logger = logging.getLogger(__name__)

Change = Callable[[Entry | None], Entry | None]
"""From the entry as it is now (None: there is none) to the entry as it shall be (None: no more)."""

ATTEMPTS = 1000
LONGEST_PAUSE_MS = 1000


class SweptError(ServiceError):
    """What a commit needed was pruned before the commit; done again, it will pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a version says of itself."""

    run: str
    note: str
    name: str
    state: Mapping[str, Any]
    """Put over the state of the version before; a value of None takes its key away."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one key: the entry that was seen, the one that shall stand, their digests."""

    before: Entry | None
    seen: str | None
    after: Entry | None
    told: str | None

    def added(self) -> Iterator[Shard]:
        """Yield the shards that only the entry after it has."""
        before = set(_shards_of(self.before))
        yield from (shard for shard in _shards_of(self.after) if shard not in before)


class Commit:
    """One commit, tried until it stands."""

    def __init__(
        self,
        contents: Contents,
        changes: Mapping[str, Change],
        about: About,
        now: Callable[[], datetime],
    ) -> None:
        self._contents, self._changes, self._about, self._now = contents, changes, about, now
        self._applied: dict[str, Applied] = {}
        self._redone: dict[str, int] = {}
        """The prune after which a change was applied once more."""

    def made(self) -> Version:
        """Return the version that holds the changes; the newest one if they change nothing."""
        if self._about.name:
            check_name(self._about.name)
        self._contents.begin()
        for attempt in range(1, ATTEMPTS + 1):
            version = self._attempt()
            if version is not None:
                return version
            logger.debug("%s: another writer was quicker", self._contents.uri)
            _pause(attempt)
        raise ServiceError(f"{self._contents.uri}: too many write at once; run fewer, then again")

    def _attempt(self) -> Version | None:
        """Return the version that stands; None if all is to be tried again."""
        base = self._contents.head()
        met = base is not None and base.prune != self._contents.begin()
        if met:
            sweeps.settled(self._contents.store)
        try:
            self._apply(base)
        except LostError:
            newest = self._contents.head()
            if newest and base and newest.number == base.number:
                raise
            # The version that was read is no more.
            return None
        version = self._following(base)
        if base and _same(base, version):
            return base
        if base and met and self._is_swept(base.prune):
            return None
        self._refuse_taken_name()
        return version if created(self._contents, version) else None

    def _is_swept(self, prune: int) -> bool:
        """Say whether what some changes need is gone: those are applied once more.

        Raises SweptError if that did not help.
        """
        new = {key: one for key, one in self._applied.items() if one.told != one.seen}
        self._write(list(new))
        lost = [
            key
            for key, one in new.items()
            if not all(side_by_side(self._contents.has, one.added()))
        ]
        for key in lost:
            if self._redone.get(key) == prune:
                raise SweptError(
                    f"{self._contents.uri} was pruned while this run stood still, and what it had "
                    f"written for {key} is gone; run it again"
                )
            self._redone[key] = prune
            del self._applied[key]
        return bool(lost)

    def _apply(self, base: Version | None) -> None:
        """Apply every change whose entry is not the one that it was applied to before."""
        current = base.entries if base else {}
        stale = [
            key
            for key in self._changes
            if key not in self._applied or self._applied[key].seen != current.get(key)
        ]
        there = [key for key in stale if key in current]
        before = dict(
            zip(there, self._contents.entries(current[key] for key in there), strict=True)
        )
        barred = forgotten.keys(self._state(base))
        for key in stale:
            # Nothing of what is kept out is made, or it would lie in the store without a use.
            after = None if key in barred else self._changes[key](before.get(key))
            if after is not None and after.key != key:
                raise ValueError(f"the change of {key!r} gave the entry of {after.key!r}")
            told = sha256(after.to_json()) if after is not None else None
            self._applied[key] = Applied(before.get(key), current.get(key), after, told)
        self._write(stale)

    def _write(self, keys: list[str]) -> None:
        of = (self._applied[key] for key in keys)
        new = [one.after for one in of if one.after is not None and one.told != one.seen]
        exhaust(side_by_side(self._contents.write_entry, new))

    def _following(self, base: Version | None) -> Version:
        """Return the version that would follow `base`."""
        entries = dict(base.entries) if base else {}
        entries |= {key: one.told for key, one in self._applied.items() if one.told is not None}
        state = self._state(base)
        gone = {key for key, one in self._applied.items() if one.told is None}
        gone |= forgotten.keys(state)
        return Version(
            number=base.number + 1 if base else 1,
            parent=base.number if base else None,
            created=self._now().astimezone(UTC).isoformat(timespec="seconds"),
            run=self._about.run,
            note=self._about.note,
            entries={key: told for key, told in entries.items() if key not in gone},
            state=state,
            parent_digest=base.digest if base else "",
            prune=base.prune if base else 0,
        )

    def _state(self, base: Version | None) -> Mapping[str, Any]:
        state = {**(base.state if base else {}), **self._about.state}
        return {key: value for key, value in state.items() if value is not None}

    def _refuse_taken_name(self) -> None:
        name = self._about.name
        taken = self._contents.named(name) if name else None
        if taken is not None:
            raise InputError(
                f"{self._contents.uri} calls version {taken} {name} already; give another name"
            )


class Restoration(Commit):
    """A commit after which the data set is what it was at an older version.

    What was forgotten since stays forgotten.
    """

    def __init__(
        self, contents: Contents, wanted: Version, about: About, now: Callable[[], datetime]
    ) -> None:
        super().__init__(contents, {}, about, now)
        self._wanted = wanted

    def _apply(self, base: Version | None) -> None:
        """Let every key be as it was; raises DamagedError if that cannot be read."""
        current, wanted = base.entries if base else {}, self._wanted.entries
        barred = forgotten.keys(self._state(base))
        keys = [key for key in {*current, *wanted} if current.get(key) != wanted.get(key)]
        keys = [key for key in keys if key not in barred]
        back = [key for key in keys if key in wanted]
        entries = self._contents.entries(wanted[key] for key in back)
        after = dict(zip(back, entries, strict=True))
        self._applied = {
            key: Applied(None, current.get(key), after.get(key), wanted.get(key)) for key in keys
        }
        self._write(back)
        shards = (shard for one in self._applied.values() for shard in one.added())
        exhaust(side_by_side(self._contents.refuse_lost, shards))

    def _state(self, base: Version | None) -> Mapping[str, Any]:
        kept_out = forgotten.marks(base.state) if base else {}
        return {**forgotten.without(self._wanted.state), **kept_out}


def created(contents: Contents, version: Version) -> bool:
    """Create `version`; says whether it is now in the line of versions."""
    name = version_name(version.number)
    try:
        contents.store.write(name, version.to_json(), create=True)
    except ConflictError:
        return False
    if contents.numbers()[-1] == version.number or _is_followed(contents, version):
        contents.remember(version)
        return True
    # Its number had been there, and was pruned.
    contents.store.delete(name)
    return False


def _is_followed(contents: Contents, version: Version) -> bool:
    try:
        following = contents.version(version.number + 1)
    except MissingError:
        return False
    return following.parent_digest == version.digest


def _same(one: Version, other: Version) -> bool:
    return (one.entries, one.state) == (other.entries, other.state)


def _shards_of(entry: Entry | None) -> Iterator[Shard]:
    """Yield the shards of all tables of `entry`."""
    for shards in (entry.tables if entry else {}).values():
        yield from shards


def _pause(attempt: int) -> None:
    """Wait a random while, up to twice as long each time: the others come first meanwhile."""
    longest = min(LONGEST_PAUSE_MS, 2 ** min(attempt, 10))
    time.sleep(secrets.randbelow(longest + 1) / 1000)
