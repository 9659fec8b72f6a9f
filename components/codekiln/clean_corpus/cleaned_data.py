"""The data set of cleaned examples: what of it stands, what is new, and the commit of a night.

An entry is a repository, under its node id. Its state tells what became of each shard of examples
that it was made from:

    {"name", "license", "from": {SHA-256: {"shard": SHA-256 of what stayed or null, "counts"}}}

The state of a version tells the digest of the rules that all of it was cleaned by, the digest of
the version of the examples, the key of the last night that cleaned any, and the counts of all.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from codekiln.clean_corpus import licenses
from codekiln.clean_corpus.near_index import source_of
from codekiln.clean_corpus.tally import in_order
from codekiln.clean_corpus.text_hashes import Hashes
from codekiln.core import digest
from codekiln.core.corpus.example_source import TABLE, Part
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.datasets.reference import Referred
from codekiln.core.datasets.summary import name_of
from codekiln.core.errors import ServiceError

RUN = "clean_corpus"
RULES, EXAMPLES, NIGHT, COUNTS = "rules", "examples", "night", "counts"

Key = tuple[str, str]
"""A repository, and the SHA-256 of a shard of its examples."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a shard of examples: the shard of those that stayed, if any did."""

    shard: Shard | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a night has before it; made by `plan`."""

    rules: str
    examples: str
    """The digest of the version of the examples."""
    given: Sequence[Entry]
    """The entries of that version, but for those that were forgotten."""
    before: Mapping[str, Entry]
    """The entries of the newest version of the cleaned data, under whatever rules."""
    stands: Mapping[Key, Became]
    """What was cleaned by these rules, of what is given still."""
    new: Sequence[Part]
    """The shards that are to be cleaned."""
    opted_out: frozenset[str]
    """The repositories that opted out by the name that they have now, whatever rows call them."""

    @property
    def night(self) -> str:
        """Return the key of the night: the same shards are the same night."""
        return digest.of_json([(part.key, part.shard and part.shard.sha256) for part in self.new])

    def shards(self) -> Mapping[int, tuple[str, Shard]]:
        """Return the shards that stand and go on standing, with their repositories, by source."""
        found = ((key, one.shard) for (key, _), one in self.stands.items())
        return {source_of(shard): (key, shard) for key, shard in found if shard}

    def live(self) -> Hashes:
        """Return the sources of those shards."""
        return np.array(sorted(self.shards()), np.uint64)


def standing(cleaned: Dataset, examples: Referred, rules: str) -> Version | None:
    """Return the newest version if it is all that these examples give by these rules."""
    head = cleaned.head()
    wanted = (RUN, rules, examples.version.digest)
    # What another made of it (forgot, restored) is looked at by entries.
    told = head and (head.run, head.state.get(RULES), head.state.get(EXAMPLES))
    if not head or told != wanted:
        return None
    if head.entries.keys() & forgotten.since(examples.dataset):
        return None
    # One that was forgotten while it was cleaned is counted, and not there.
    return head if head.state[COUNTS]["repositories"] == len(head.entries) else None


def plan(cleaned: Dataset, examples: Referred, rules: str, opted_out: Collection[str] = ()) -> Plan:
    """Hold a version of the examples against the newest version of the cleaned ones.

    `opted_out` are the names of `rules` of those who are left out.
    """
    head = cleaned.head()
    state = head.state if head else {}
    gone = forgotten.keys(state) | forgotten.since(examples.dataset)
    wanted = sorted(examples.version.entries.keys() - gone)
    given = list(examples.dataset.entries(examples.version, wanted))
    before = {entry.key: entry for entry in cleaned.entries(head)} if head else {}
    out, were_out = named(given, opted_out), named(before.values(), opted_out)
    # Whose name came onto the list, or off it, is cleaned anew; nobody else is.
    same = [entry for key, entry in before.items() if (key in out) == (key in were_out)]
    known = _became(same) if state.get(RULES) == rules else {}
    there = [(entry.key, shard) for entry in given for shard in entry.tables.get(TABLE, ())]
    stands = {(k, s.sha256): known[k, s.sha256] for k, s in there if (k, s.sha256) in known}
    uri = examples.dataset.uri
    new = [Part(uri, s.rows, k, s) for k, s in there if (k, s.sha256) not in stands]
    return Plan(rules, examples.version.digest, given, before, stands, new, out)


def named(entries: Iterable[Entry], names: Collection[str]) -> frozenset[str]:
    """Return the repositories that `names`, in lower case, hold as they are called now.

    Rows keep the name that the repository had when they were collected.
    """
    known = frozenset(names)
    return frozenset(one.key for one in entries if licenses.is_named(known, name_of(one), one.key))


def _became(entries: Iterable[Entry]) -> dict[Key, Became]:
    """Return what became of each shard that `entries` were made from."""
    found: dict[Key, Became] = {}
    for entry in entries:
        shards = {shard.sha256: shard for shard in entry.tables.get(TABLE, ())}
        for sha, told in entry.state["from"].items():
            shard = shards[told["shard"]] if told["shard"] else None
            found[entry.key, sha] = Became(shard, told["counts"])
    return found


def commit(cleaned: Dataset, plan: Plan, new: Mapping[Key, Became]) -> Version:
    """Make the version that holds what stands and what is new, and nothing else.

    Raises ServiceError if another changed it meanwhile.
    """
    became = {**plan.stands, **new}
    after = {entry.key: _entry(entry, became) for entry in plan.given}
    changes = {
        key: partial(_replaced, plan.before.get(key), after.get(key))
        for key in {*plan.before, *after}
        if _document(plan.before.get(key)) != _document(after.get(key))
    }
    counts = sum((Counter(one.counts) for one in became.values()), Counter(repositories=len(after)))
    state = {RULES: plan.rules, EXAMPLES: plan.examples, COUNTS: in_order(counts)}
    state |= {NIGHT: plan.night} if new else {}
    note = f"{len(new)} new shards of examples"
    return cleaned.commit(changes, run=RUN, note=note, state=state)


def _entry(given: Entry, became: Mapping[Key, Became]) -> Entry:
    parts = [shard.sha256 for shard in given.tables.get(TABLE, ())]
    all_ = {sha: became[given.key, sha] for sha in parts}
    told = {
        sha: {"shard": one.shard and one.shard.sha256, "counts": dict(one.counts)}
        for sha, one in all_.items()
    }
    state = {"name": given.state["name"], "license": given.state["license"], "from": told}
    shards = [one.shard for one in all_.values() if one.shard]
    return Entry(given.key, {TABLE: shards}, state)


def _replaced(before: Entry | None, after: Entry | None, now: Entry | None) -> Entry | None:
    if _document(now) not in (_document(before), _document(after)):
        entry = after or before
        named = entry.state["name"] if entry else "a repository"
        raise ServiceError(f"{named} was changed while it was cleaned; run this again")
    return after


def _document(entry: Entry | None) -> bytes:
    return entry.to_json() if entry else b""


def total(version: Version) -> Mapping[str, int]:
    """Return the counts of all that a version which `commit` returned was made from."""
    counts: Mapping[str, int] = version.state[COUNTS]
    return counts


def last_night(version: Version) -> str:
    """Return the key of the last night of a version, "" if it tells none."""
    return str(version.state.get(NIGHT, ""))
