"""Which repository is meant: by its name, a name that it had, or GitHub's node id of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codekiln.core.corpus import layout
from codekiln.core.corpus.node_ids import canonical
from codekiln.core.corpus.repositories import SLUG
from codekiln.core.datasets import forgotten, tables
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.datasets.summary import name_of
from codekiln.core.errors import InputError
from codekiln.forget.places import Place

NODE_ID = re.compile(r"\A(R_[A-Za-z0-9_-]{1,100}|MDEwOlJlcG9zaXRvcnk[A-Za-z0-9+=]{1,40})\Z")
"""Of a repository, in the two ways in which GitHub has written them."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: its node id, its newest known name, and how it was found."""

    key: str
    name: str
    by: str
    since: str = ""
    """When it was forgotten (ISO 8601), "" if it is not."""


def find(places: Sequence[Place], told: str) -> Repository:
    """Return the repository that `told` means.

    Raises InputError if there is none, or if there are several of that name.
    """
    wanted = asked(told)
    known, kept_out = _newest(places), _kept_out(places)
    if wanted in known or wanted in kept_out:
        return _found(wanted, known.get(wanted) or kept_out[wanted].name, "its node id", kept_out)
    keys = _called(wanted, known)
    if keys:
        return _found(_only(wanted, keys), known[keys[0]], "its name", kept_out)
    keys = _called(wanted, {key: one.name for key, one in kept_out.items()})
    if keys:
        key = _only(wanted, keys)
        return _found(key, kept_out[key].name, "its name", kept_out)
    return _former(places, wanted, known, kept_out)


def asked(told: str) -> str:
    """Return owner/name, or the node id, of what a person wrote; InputError if it is neither.

    An address is understood too. What is refused is not repeated: it may hold a token.
    """
    word = told.strip().removesuffix("/").removesuffix(".git")
    if "://" in word or "@" in word:
        word = "/".join(re.split(r"[/:]", word)[-2:])
    if not SLUG.match(word) and not NODE_ID.match(word):
        raise InputError(
            "what is to be forgotten is neither OWNER/NAME nor GitHub's node id of a repository "
            "(R_...): give one of these"
        )
    return canonical(word)


def _found(key: str, name: str, by: str, kept_out: Mapping[str, forgotten.Forgotten]) -> Repository:
    mark = kept_out.get(key)
    return Repository(key, name, by, mark.when if mark else "")


def _called(wanted: str, names: Mapping[str, str]) -> list[str]:
    return sorted(key for key, name in names.items() if name.lower() == wanted.lower())


def _only(wanted: str, keys: Sequence[str]) -> str:
    if len(keys) > 1:
        raise InputError(
            f"{len(keys)} repositories are called {wanted}: {', '.join(keys)}; give the node id of "
            "the one that is meant (gh api repos/OWNER/NAME --jq .node_id)"
        )
    return keys[0]


def _kept_out(places: Sequence[Place]) -> dict[str, forgotten.Forgotten]:
    found: dict[str, forgotten.Forgotten] = {}
    # The data set of pull requests comes first, and has the last word.
    for _, head in _heads(places):
        found |= forgotten.of(head.state)
    return found


def _heads(places: Sequence[Place]) -> Iterator[tuple[Place, Version]]:
    """Yield the newest version of each place that has one, from the last place to the first."""
    for place in reversed(places):
        head = place.dataset.head()
        if head:
            yield place, head


def _newest(places: Sequence[Place]) -> dict[str, str]:
    """Return the name of each repository that the newest versions hold, by node id."""
    found: dict[str, str] = {}
    for place, head in _heads(places):
        searched = _searched(place.dataset, head) if place.shared == layout.SEARCHES else {}
        found |= searched | dict(_named(place, head, set()))
    return found


def _named(place: Place, version: Version, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield node id and name of the repositories of `version` whose entries were not `seen`."""
    if not place.keeps_out:
        return
    prefix = place.shared.prefix if place.shared else None
    keys = [
        key
        for key, digest in sorted(version.entries.items())
        if digest not in seen and not (prefix and key.startswith(prefix))
    ]
    seen.update(version.entries[key] for key in keys)
    yield from ((one.key, name_of(one)) for one in place.dataset.entries(version, keys))


def _searched(dataset: Dataset, version: Version) -> dict[str, str]:
    """Return the names of the repositories that searches told of."""
    shared = layout.SEARCHES
    keys = [key for key in version.entries if key.startswith(shared.prefix)]
    return {
        row[shared.column]: row["name"]
        for entry in dataset.entries(version, keys)
        for row in _rows(dataset, entry)
    }


def _rows(dataset: Dataset, entry: Entry) -> Iterator[dict[str, str]]:
    shards = entry.tables.get(layout.SEARCHES.table, ())
    return tables.rows(dataset, shards, [layout.SEARCHES.column, "name"])


def _former(
    places: Sequence[Place],
    wanted: str,
    known: Mapping[str, str],
    kept_out: Mapping[str, forgotten.Forgotten],
) -> Repository:
    """Return the repository that older versions call so, the newest of them first."""
    for place in places:
        seen: set[str] = set()
        for version in place.dataset.versions():
            names = dict(_named(place, version, seen))
            keys = [wanted] if wanted in names else _called(wanted, names)
            if keys:
                key = _only(wanted, keys)
                by = f"what version {version.number} of the {place.what} calls it"
                return _found(key, known.get(key, names[key]), by, kept_out)
    raise InputError(
        f"{places[0].dataset.uri} and what was made of it hold no {wanted}, by no name that they "
        "know: look for it with codekiln data show, or give GitHub's node id of it (gh api "
        "repos/OWNER/NAME --jq .node_id); to leave out what was never collected, see opt_out"
    )
