"""A versioned data set under a URI, a local folder or an S3-compatible store.

    dataset = Dataset(open_store("s3://bucket/pulls"))
    version = dataset.commit({key: change}, run="nightly", note="12 new")

Every commit makes a new immutable version; readers of an older one are not disturbed. Any number of
writers may commit at once: none loses the work of another. All methods may be called from several
threads. Errors: InputError, DamagedError, MissingError, ServiceError of the store.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from codekiln.core import digest
from codekiln.core.datasets.commits import About, Change, Commit, Restoration
from codekiln.core.datasets.contents import (
    NEWEST,
    Contents,
    check_name,
    name_name,
)
from codekiln.core.datasets.erasure import Erasure
from codekiln.core.datasets.pruning import GRACE, Prune, Pruned
from codekiln.core.datasets.version import Entry as Entry  # what a caller makes commits of
from codekiln.core.datasets.version import Shard as Shard
from codekiln.core.datasets.version import Version as Version
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import MissingError, Objects
from codekiln.core.storage.side_by_side import side_by_side


def utc_now() -> datetime:
    """Return the time of this machine; versions tell it to people, nothing is decided by it."""
    return datetime.now(UTC)


class Dataset:
    """One data set; nothing is read or written before it is asked for."""

    def __init__(self, store: Objects, now: Callable[[], datetime] = utc_now) -> None:
        self.uri = store.uri
        self.store = store
        self._contents = Contents(store)
        self._now = now

    # --- reading ---

    def head(self) -> Version | None:
        """Return the newest version, None if the data set is empty."""
        return self._contents.head()

    def newest(self) -> Version:
        """Return the newest version; raises InputError if there is none."""
        head = self.head()
        if head is None:
            raise InputError(
                f"{self.uri} holds no data set: collect into it first, or give another place"
            )
        return head

    def version(self, which: int | str = "newest") -> Version:
        """Return a version by number, by name, or the newest; raises InputError if none is it."""
        newest = self.newest()
        number = self._number(which, newest)
        try:
            return newest if number == newest.number else self._contents.version(number)
        except MissingError as error:
            raise InputError(
                f"{self.uri} has no version {which}: the newest is {newest.number}, older ones may "
                f"be pruned; see codekiln data list {self.uri}"
            ) from error

    def _number(self, which: int | str, newest: Version) -> int:
        if str(which) in NEWEST:
            return newest.number
        if str(which).isdecimal():
            return int(which)
        number = self._contents.named(check_name(str(which)))
        if number is None:
            known = ", ".join(self.names()) or "none yet"
            raise InputError(f"{self.uri} has no version called {which}; names: {known}")
        return number

    def numbers(self) -> list[int]:
        """Return the numbers of all versions, ascending."""
        return self._contents.numbers()

    def versions(self, numbers: Collection[int] | None = None) -> Iterator[Version]:
        """Yield the versions that are left, or those of `numbers`, from the newest down."""
        wanted = self.numbers() if numbers is None else sorted(numbers)
        return (one for one in side_by_side(self._left, reversed(wanted)) if one is not None)

    def _left(self, number: int) -> Version | None:
        try:
            return self._contents.version(number)
        except MissingError:
            # Pruned since the listing.
            return None

    def entry(self, version: Version, key: str) -> Entry | None:
        """Return the entry of `key` in `version`, None if it has none."""
        told = version.entries.get(key)
        return None if told is None else self._contents.entry(told)

    def entries(self, version: Version, keys: Iterable[str] | None = None) -> Iterator[Entry]:
        """Yield the entries of `keys` (None: all, sorted) in their order, read side by side."""
        wanted = sorted(version.entries) if keys is None else keys
        return self._contents.entries(version.entries[key] for key in wanted)

    def fetch(self, shard: Shard, path: Path) -> None:
        """Write `shard` into the file `path`; raises DamagedError unless it is what was put."""
        self._contents.download(shard, path)

    # --- writing ---

    def put(self, path: Path, *, rows: int, first: int, last: int) -> Shard:
        """Store the file `path`, of so many rows with these numbers; nothing if it is there.

        A shard that no commit refers to is pruned some day.
        """
        self._contents.begin()
        sha256, size = digest.of_file(path), path.stat().st_size
        shard = Shard(sha256=sha256, rows=rows, size=size, first=first, last=last)
        self._contents.upload(shard, path)
        return shard

    def commit(
        self,
        changes: Mapping[str, Change],
        *,
        run: str,
        note: str = "",
        name: str = "",
        state: Mapping[str, Any] | None = None,
    ) -> Version:
        """Apply each change to the current entry of its key, and return the version they are in.

        Changes that change nothing make no version: the newest is returned (an empty first one if
        there is none). Those of keys that are kept out (see `forgotten`) change nothing. A change
        may be applied more than once, each time to what then stands, so it must depend on nothing
        else; those of one commit are applied one after the other. `state` is put over the state of
        the version, key by key; None takes a key away. With `name` the version gets that name,
        InputError if another has it.
        """
        about = About(run=run, note=note, name=name, state=state or {})
        version = Commit(self._contents, changes, about, self._now).made()
        if name:
            self.name(version, name)
        return version

    def restore(self, which: int | str, *, run: str, note: str = "", name: str = "") -> Version:
        """Return a new newest version that holds what the version `which` does.

        All of it, but for what the newest version keeps out (see `forgotten`).
        """
        wanted = self.version(which)
        about = About(run=run, note=note or f"restores {wanted.number}", name=name, state={})
        version = Restoration(self._contents, wanted, about, self._now).made()
        if name:
            self.name(version, name)
        return version

    def name(self, version: Version | int, name: str) -> None:
        """Call a version `name` for ever: it is not pruned. InputError if another is called so."""
        number = version if isinstance(version, int) else version.number
        self._contents.begin()
        self._contents.give_name(number, check_name(name))

    def unname(self, name: str) -> None:
        """Take a name away; the version may then be pruned. InputError if there is no such name."""
        if self._contents.named(check_name(name)) is None:
            raise InputError(f"{self.uri} has no version called {name}")
        self.store.delete(name_name(name))

    def names(self) -> dict[str, int]:
        """Return the number of the version of each name, sorted by name."""
        return self._contents.names()

    def prune(self, keep: int, grace: timedelta = GRACE) -> Pruned:
        """Remove all versions but the newest `keep` and the named, and what nothing refers to.

        Objects that belong to no version may be those of a running writer: they go when they have
        been seen so for `grace`. Safe beside writers, and when it is killed at any point.
        """
        return Prune(self._contents, keep, grace, self._now()).done()

    def erase(self, numbers: Collection[int], unwanted: Callable[[str], bool]) -> Pruned:
        """Remove these versions, their names too, and at once what only they need.

        Of the objects that belong to no version those that are `unwanted` (asked by name, entries
        before shards) go with no grace. The newest version stays. Safe as `prune` is.
        """
        return Erasure(self._contents, numbers, unwanted, self._now()).done()
