"""What a prune says of itself, so that nobody writes beside it what it takes away.

prunes/00000003.json  {"ended": false, "beat": 4, "versions": [7, 8], "orphans": {...}}

Before it removes anything, a prune makes a version of its own, with its number in it, on top of the
very version up to which it looked at what is needed. Whoever commits after that has seen it, waits
for its end, and looks whether everything is still there. So what a version needs cannot go: neither
clocks nor locks decide, but the creation of versions, which one alone can do.
"""

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codekiln.core.datasets.numbered import numbers_in
from codekiln.core.storage.lease import Owner, is_gone
from codekiln.core.storage.objects import MissingError, Objects

PRUNES = "prunes/"
STILL_S = 60.0
"""A prune whose record stands still for so long has died; it writes one each BEAT_S.

One of this very machine is known to have died at once.
"""
BEAT_S = 5.0
LOOK_S = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """One prune: the versions it removes, and the objects that nothing refers to.

    `orphans` gives the moment (ISO 8601) at which each was first seen without a use; `beat` changes
    as long as it goes on.
    """

    number: int
    owner: Owner
    ended: bool = False
    beat: int = 0
    versions: Sequence[int] = ()
    orphans: Mapping[str, str] = field(default_factory=dict)

    def write(self, store: Objects, *, create: bool = False) -> None:
        """Write the record; with `create`, ConflictError if the number is taken."""
        store.write(name_of(self.number), self._to_json(), create=create)

    def _to_json(self) -> bytes:
        told = {**dataclasses.asdict(self), "orphans": dict(self.orphans)}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def name_of(number: int) -> str:
    """Return the name of the record with this number."""
    return f"{PRUNES}{number:08d}.json"


def numbers(store: Objects) -> list[int]:
    """Return the numbers of the prunes whose records are there, ascending."""
    return numbers_in(store, PRUNES)


def newest(store: Objects) -> Sweep | None:
    """Return the newest prune, None if there never was one."""
    while found := numbers(store):
        try:
            told: dict[str, Any] = json.loads(store.read(name_of(found[-1])))
        except MissingError:
            # A newer one has begun since, and removed it.
            continue
        return Sweep(**{**told, "owner": Owner(**told["owner"])})
    return None


def settled(store: Objects) -> Sweep | None:
    """Return the newest prune once it has ended, or died."""
    seen = newest(store)
    changed = time.monotonic()
    while seen and not seen.ended and not is_gone(seen.owner):
        time.sleep(LOOK_S)
        now = newest(store)
        if now != seen:
            changed = time.monotonic()
        elif time.monotonic() - changed >= STILL_S:
            break
        seen = now
    return seen
