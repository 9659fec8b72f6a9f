"""The objects of a data set: where each lies, how it is read and checked, how it is written.

v/00000012.json       versions, each created once; the highest number is the newest
e/SHA256.json         entries
s/SHA256.parquet      shards
names/NAME.json       names that people and runs gave to versions
prunes/00000003.json  the newest prune: what it removes, whether it has ended
leases/...            who writes (see `held`)
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from codekiln.core import digest
from codekiln.core.datasets import sweeps
from codekiln.core.datasets.numbered import numbers_in
from codekiln.core.datasets.version import (
    Entry,
    Shard,
    UnreadableError,
    Version,
    entry_of,
    sha256,
    version_of,
)
from codekiln.core.errors import InputError
from codekiln.core.scratch import run_folder
from codekiln.core.storage import probe
from codekiln.core.storage.objects import (
    ConflictError,
    DamagedError,
    MissingError,
    Objects,
)
from codekiln.core.storage.side_by_side import side_by_side

VERSIONS, ENTRIES, SHARDS, NAMES = "v/", "e/", "s/", "names/"
NAME = re.compile(r"\A(?!\d+\Z)[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
NEWEST = ("newest", "head", "latest")
"""Words for the version with the highest number."""

REMEMBERED = 8 << 20
"""Bytes of entries kept in memory; as objects they are five times as large."""
READS = 5
"""Times that the newest version may vanish under the eyes of a reader, pruned beside it."""


class LostError(DamagedError):
    """An object that a version needs is not there."""


class Contents:
    """The objects of one data set, read and written one by one; for several threads."""

    def __init__(self, store: Objects) -> None:
        self.store, self.uri = store, store.uri
        self._newest: Version | None = None
        self._entries: dict[str, Entry] = {}
        self._remembered = 0
        self._beginning = threading.Lock()
        self._begun: int | None = None

    def begin(self) -> int:
        """Be called before anything is written; returns the number of the last prune by then.

        What is in the store after the first call stays there until a prune with another number.
        Raises InputError if the store lets two writers create one object.
        """
        with self._beginning:
            if self._begun is None:
                probe.refuse_racy(self.store)
                head = self.head()
                # In this order: a prune that begins after the look at the head has another number.
                sweeps.settled(self.store)
                self._begun = head.prune if head else 0
            return self._begun

    # --- versions ---

    def numbers(self) -> list[int]:
        """Return the numbers of all versions, ascending."""
        return numbers_in(self.store, VERSIONS)

    def head(self) -> Version | None:
        """Return the newest version, None if there is none; raises DamagedError."""
        tried: set[int] = set()
        for _ in range(READS):
            numbers = self.numbers()
            if not numbers:
                return None
            tried.add(numbers[-1])
            try:
                return self.version(numbers[-1])
            except MissingError:
                # Newer ones came and it was pruned, all since the listing.
                continue
        if len(tried) == 1:
            told = f"it lists a version {max(tried)}, which is not in {version_name(max(tried))}"
            raise self._damaged(VERSIONS.rstrip("/"), told, "remove what is no version of codekiln")
        raise InputError(f"{self.uri}: versions go faster than they can be read; prune less often")

    def version(self, number: int) -> Version:
        """Return the version `number`; raises MissingError, DamagedError, InputError."""
        if (newest := self._newest) and newest.number == number:
            return newest
        try:
            found = version_of(self.store.read(version_name(number)))
        except UnreadableError as error:
            raise self._damaged(
                version_name(number), str(error), "remove it: the version before is then the newest"
            ) from error
        self.remember(found)
        return found

    def remember(self, version: Version) -> None:
        """Keep `version` in memory if it is the newest seen."""
        if self._newest is None or version.number >= self._newest.number:
            self._newest = version

    # --- entries ---

    def entry(self, told: str) -> Entry:
        """Return the entry whose digest is `told`; raises LostError, DamagedError."""
        if found := self._entries.get(told):
            return found
        name = entry_name(told)
        try:
            data = self.store.read(name)
            found = entry_of(data, told)
        except MissingError as error:
            raise self._lost(name) from error
        except UnreadableError as error:
            raise self._damaged(name, str(error), self._remedy) from error
        return self._keep(told, found, len(data))

    def entries(self, told: Iterable[str]) -> Iterator[Entry]:
        """Yield the entries of these digests in their order, read side by side."""
        yield from side_by_side(self.entry, told)

    def write_entry(self, entry: Entry) -> str:
        """Write `entry` and return its digest."""
        data = entry.to_json()
        told = sha256(data)
        self.store.write(entry_name(told), data)
        self._keep(told, entry, len(data))
        return told

    def _keep(self, told: str, entry: Entry, size: int) -> Entry:
        self._remembered += size
        if self._remembered > REMEMBERED:
            self._entries, self._remembered = {}, size
        self._entries[told] = entry
        return entry

    # --- shards ---

    def has(self, shard: Shard) -> bool:
        """Say whether the store holds `shard`, with its size."""
        try:
            return self.store.size(shard_name(shard.sha256)) == shard.size
        except MissingError:
            return False

    def refuse_lost(self, shard: Shard) -> None:
        """Raise LostError unless the store holds `shard`."""
        if not self.has(shard):
            raise self._lost(shard_name(shard.sha256))

    def upload(self, shard: Shard, path: Path) -> None:
        """Write `path`, which is `shard`, unless it is there."""
        if not self.has(shard):
            self.store.upload(shard_name(shard.sha256), path, sha256=shard.sha256)

    def download(self, shard: Shard, path: Path) -> None:
        """Write `shard` into the file `path` and check it; raises LostError, DamagedError."""
        name = shard_name(shard.sha256)
        try:
            self.store.download(name, path)
        except MissingError as error:
            raise self._lost(name) from error
        if digest.of_file(path) != shard.sha256:
            path.unlink()
            raise self._damaged(name, "its digest is another", self._remedy)

    # --- names ---

    def names(self) -> dict[str, int]:
        """Return the number of the version of each name, sorted by name."""
        listed = self.store.names(NAMES)
        names = [name.removeprefix(NAMES).removesuffix(".json") for name in listed]
        found = side_by_side(self.named, names)
        return {name: n for name, n in zip(names, found, strict=True) if n is not None}

    def named(self, name: str) -> int | None:
        """Return the number of the version called `name`, None if there is none."""
        try:
            return int(json.loads(self.store.read(name_name(name)))["version"])
        except MissingError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(
                name_name(name), "it names no version", "remove it, and name the version again"
            ) from error

    def give_name(self, number: int, name: str) -> None:
        """Call the version `number` `name`; InputError if the name is taken, the version gone."""
        try:
            told = json.dumps({"version": number}).encode()
            self.store.write(name_name(name), told, create=True)
        except ConflictError as error:
            taken = self.named(name)
            if taken == number:
                return
            raise InputError(
                f"{self.uri} calls version {taken} {name} already; give another name"
            ) from error
        sweep = sweeps.newest(self.store)
        if (sweep and not sweep.ended and number in sweep.versions) or not self._exists(number):
            self.store.delete(name_name(name))
            raise InputError(f"{self.uri} has no version {number} any more: it was pruned")

    def _exists(self, number: int) -> bool:
        try:
            return self.store.size(version_name(number)) > 0
        except MissingError:
            return False

    # --- words ---

    @property
    def _remedy(self) -> str:
        return (
            "put it back from a copy, or go on from an older version: "
            f"codekiln data restore {self.uri} VERSION"
        )

    def _lost(self, name: str) -> LostError:
        return LostError(
            f"{self.store.location(name)} is missing: the version that needs it was pruned just "
            f"now, so read a newer one; or it was lost: {self._remedy}"
        )

    def _damaged(self, name: str, found: str, remedy: str) -> DamagedError:
        return DamagedError(f"{self.store.location(name)} is damaged: {found}; {remedy}")


def version_name(number: int) -> str:
    """Return the name of the object of the version `number`."""
    return f"{VERSIONS}{number:08d}.json"


def entry_name(told: str) -> str:
    """Return the name of the object of the entry with this digest."""
    return f"{ENTRIES}{told}.json"


def shard_name(told: str) -> str:
    """Return the name of the object of the shard with this digest."""
    return f"{SHARDS}{told}.parquet"


def name_name(name: str) -> str:
    """Return the name of the object that holds the name `name`."""
    return f"{NAMES}{name}.json"


def check_name(name: str) -> str:
    """Return `name` if a version may be called so; raises InputError."""
    if not NAME.match(name) or name in NEWEST:
        raise InputError(
            f"{name!r} is no name for a version: use letters, digits, . _ and -, begin with a "
            f"letter or digit, not digits alone, none of {', '.join(NEWEST)}"
        )
    return name


def scratch() -> AbstractContextManager[Path]:
    """Return a folder for files on their way; gone when its block ends."""
    return run_folder("codekiln-data-")
