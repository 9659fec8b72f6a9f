"""What a run has left under its root: its list, the shards that came to their end, and errors.

A run that cannot be read is no reason to leave the ledger unwritten: then nothing is known of it.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codekiln.core import manifest, outputs
from codekiln.core.corpus import repositories
from codekiln.core.corpus.repositories import Repository
from codekiln.core.errors import CodekilnError
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import Objects, open_store

logger = logging.getLogger(__name__)

DISCOVERY, COLLECTION = "discover_repos", "collect_pulls"
GONE = "gone, or not for this token"
"""Why the discovery left out a name that leads nowhere."""
UNREADABLE = (CodekilnError, OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One record that a step left when it failed; a later attempt may have done better."""

    phase: str
    error: str
    time: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known of one run.

    `is_known` is false where there is no run to look at. `listed` and `as_of` are None until the
    list is made, `shards` 0 until one shard has come to its end.
    """

    is_known: bool = False
    listed: Sequence[Repository] | None = None
    as_of: datetime | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Repositories that the discovery left out, by reason."""
    shards: int = 0
    done: frozenset[int] = frozenset()
    failures: Sequence[Failure] = ()

    @property
    def missing(self) -> list[int]:
        """Return the shards that have not come to their end, as far as is known."""
        return sorted({*range(self.shards)} - self.done)

    def errors_of(self, phase: str) -> list[str]:
        """Return what the attempts of `phase` failed with, each once."""
        return list(dict.fromkeys(f.error for f in self.failures if f.phase == phase))


def read(root: str) -> Run:
    """Read the run under the folder or URI `root`; one that cannot be read is not known."""
    if not root:
        return Run()
    try:
        return _read(open_store(root))
    except UNREADABLE as error:
        logger.warning("the run %s cannot be read: %s", root, error)
        return Run()


def _read(store: Objects) -> Run:
    names = list(store.names())
    told = list(_documents(store, names, f"/{manifest.NAME}"))
    discovered = [one for one in told if one[1].get("phase") == DISCOVERY]
    collected = [one[1]["settings"] for one in told if one[1].get("phase") == COLLECTION]
    found = _list_of(store, discovered[-1][0]) if discovered else ([], None)
    return Run(
        is_known=True,
        listed=found[0] if discovered else None,
        as_of=found[1],
        left_out=_left_out(discovered[-1][1]["counts"]) if discovered else {},
        shards=max((settings["shards"] for settings in collected), default=0),
        done=frozenset(settings["shard"] for settings in collected),
        failures=[_failure(one[1]) for one in _documents(store, names, f"/{outputs.FAILURE}")],
    )


def _documents(
    store: Objects, names: Sequence[str], end: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON documents whose name ends so, with their folders; broken ones are left out."""
    for name in names:
        if name.endswith(end):
            try:
                yield name.removesuffix(end), dict(json.loads(store.read(name)))
            except UNREADABLE as error:
                logger.warning("%s cannot be read: %s", store.location(name), error)


def _failure(told: Mapping[str, Any]) -> Failure:
    return Failure(
        phase=str(told.get("phase", "")),
        error=str(told.get("error", "")),
        time=str(told.get("time", "")),
    )


def _list_of(store: Objects, folder: str) -> tuple[list[Repository], datetime]:
    with run_folder("codekiln-ledger-") as here:
        store.download(f"{folder}/{repositories.TABLE}", here / repositories.TABLE)
        return repositories.read(here), repositories.as_of(here)


def _left_out(counts: Mapping[str, int]) -> dict[str, int]:
    """Return what the discovery counted of repositories that it did not take, by reason."""
    told = {
        reason.removeprefix("left_out_").replace("_", " "): count
        for reason, count in counts.items()
        if count and reason.startswith("left_out_")
    }
    named = {"gone": GONE, "named_twice": "named twice"}
    return told | {name: counts[key] for key, name in named.items() if counts.get(key)}
