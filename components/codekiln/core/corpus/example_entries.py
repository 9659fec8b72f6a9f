"""What a data set of examples says of one repository, and what it was made from.

An entry has the table `examples`: a shard for each shard of pull requests that gave any, in their
order. Its state tells the rest:

    {"name": "owner/name", "license": SPDX, "made_with": digest, "counts": {name: number},
     "from": {digest of a shard of pull requests: {"shard": digest or null, "counts": {...}}}}
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codekiln.core.corpus import layout
from codekiln.core.corpus.example_source import TABLE
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.datasets.reference import Referred
from codekiln.core.datasets.summary import name_of
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store

PULLS = "pulls"
"""What a data set of pull requests calls its table."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one shard of pull requests gave: a shard of examples (None: none), and the counts."""

    shard: Shard | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The examples of one repository.

    `made_with` is the digest of everything but the pull requests that decides what comes out;
    `given` goes by the digest of the shard of pull requests.
    """

    key: str
    name: str
    license: str
    made_with: str
    given: Mapping[str, Given] = field(repr=False)

    @property
    def shards(self) -> tuple[Shard, ...]:
        """Return the shards of examples, in the order of `given`."""
        return tuple(one.shard for one in self.given.values() if one.shard)

    @property
    def counts(self) -> Counter[str]:
        """Return what was counted of all of it."""
        total: Counter[str] = Counter()
        for one in self.given.values():
            total.update(one.counts)
        return total

    def to_entry(self) -> Entry:
        """Return the entry."""
        told = {
            digest: {"shard": one.shard and one.shard.sha256, "counts": dict(one.counts)}
            for digest, one in self.given.items()
        }
        state = {
            "name": self.name, "license": self.license, "made_with": self.made_with,
            "counts": dict(self.counts), "from": told,
        }  # fmt: skip
        return Entry(self.key, {TABLE: self.shards} if self.shards else {}, state)


def made_of(entry: Entry) -> Made:
    """Read an entry, as its shards stand; raises InputError if it is none of examples."""
    shards = {shard.sha256: shard for shard in entry.tables.get(TABLE, ())}
    try:
        told = entry.state["from"]
        given = {
            digest: Given(one["shard"] and shards[one["shard"]], one["counts"])
            for digest, one in told.items()
        }
        made_with = entry.state["made_with"]
    except (KeyError, TypeError) as error:
        raise InputError(
            f"the entry of {name_of(entry)} tells of no examples (no {error}): another program "
            "wrote it; give another place as the corpus"
        ) from error
    place = {digest: number for number, digest in enumerate(shards)}
    order = sorted(given, key=lambda digest: _place(given[digest], place))
    return Made(
        key=entry.key,
        name=name_of(entry),
        license=str(entry.state.get("license", "")),
        made_with=made_with,
        given={digest: given[digest] for digest in order},
    )


def _place(given: Given, places: Mapping[str, int]) -> int:
    return places[given.shard.sha256] if given.shard else len(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A repository whose examples are wanted: of exactly these shards of pull requests."""

    key: str
    name: str
    license: str
    shards: Sequence[Shard]


def wanted_of(entry: Entry) -> Wanted:
    """Return what the entry of a data set of pull requests wants."""
    return Wanted(
        key=entry.key,
        name=name_of(entry),
        license=str(entry.state.get("license") or ""),
        shards=entry.tables.get(PULLS, ()),
    )


def dataset(corpus: str) -> Dataset:
    """Return the data set of examples under the folder or URI `corpus`."""
    return Dataset(open_store(f"{corpus.rstrip('/')}/{layout.EXAMPLES}"))


def repositories(collected: Referred, made: Version | None = None) -> list[str]:
    """Return the keys of the repositories of which a version of pull requests wants examples.

    Those that were forgotten since are not among them, nor those that the version `made` of the
    examples keeps out.
    """
    kept_out = forgotten.since(collected.dataset)
    if made:
        kept_out |= forgotten.keys(made.state)
    entries = collected.version.entries
    keys = (key for key in entries if not key.startswith(layout.SEARCHES.prefix))
    return sorted(key for key in keys if key not in kept_out)


def beside(
    collected: Referred, made: Dataset, version: Version | None, keys: Iterable[str]
) -> Iterator[tuple[Wanted, Made | None]]:
    """Yield what each of `keys` wants, beside what `version` of `made` has of it (None: none)."""
    wanted = list(keys)
    has = version.entries if version else {}
    there = made.entries(version, [key for key in wanted if key in has]) if version else iter(())
    for entry in collected.dataset.entries(collected.version, wanted):
        yield wanted_of(entry), made_of(next(there)) if entry.key in has else None
