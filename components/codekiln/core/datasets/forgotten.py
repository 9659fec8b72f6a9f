"""Which keys a data set keeps out for good; the state of every later version says so.

forgotten/KEY: {"name": "owner/name", "when": "2026-11-21T10:00:00+00:00"}

Each key has a key of the state to itself, not a place in one list of all: two who forget at once
lose nothing. It is the one moment that stands in a state, for it is of no run: a person decided.
Commits leave such entries out, whoever makes them, and restorations of older versions too. Who
reads an older version, which has them still, asks what is kept out `since`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Its commits ask this module what is kept out.
    from codekiln.core.datasets.dataset import Dataset

PREFIX = "forgotten/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """One key that is kept out: what people called it, and since when (ISO 8601)."""

    key: str
    name: str
    when: str


def of(state: Mapping[str, Any]) -> dict[str, Forgotten]:
    """Return what the state of a version keeps out, by key."""
    return {
        key: Forgotten(key=key, name=str(told.get("name", "")), when=str(told.get("when", "")))
        for key, told in ((name.removeprefix(PREFIX), told) for name, told in marks(state).items())
    }


def marks(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a state that says what is kept out."""
    return {name: told for name, told in state.items() if name.startswith(PREFIX)}


def keys(state: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys that a version with this state keeps out."""
    return frozenset(name.removeprefix(PREFIX) for name in marks(state))


def since(dataset: "Dataset") -> frozenset[str]:
    """Return the keys that the newest version keeps out: no older one is read with them either."""
    head = dataset.head()
    return keys(head.state) if head else frozenset()


def kept_out(one: Forgotten) -> dict[str, Any]:
    """Return what to put over the state of a version to keep `one` out."""
    return {f"{PREFIX}{one.key}": {"name": one.name, "when": one.when}}


def allowed(key: str) -> dict[str, Any]:
    """Return what to put over the state of a version to let `key` in again."""
    return {f"{PREFIX}{key}": None}


def without(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state without what it says of keys that are kept out."""
    return {name: told for name, told in state.items() if not name.startswith(PREFIX)}
