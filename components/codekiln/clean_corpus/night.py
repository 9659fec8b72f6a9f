"""One night: only shards of examples that are new are cleaned, each into a shard of its own.

What stays is held against all that stands. Two data sets are written, the index and the cleaned
examples, each in one commit, the index first. Killed anywhere, the night begins anew and finds the
same: nothing of it counts before the last commit, for the index says nothing of shards that do not
stand (see `near_index`).
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from codekiln.clean_corpus import cleaned_data, cleaning, duplicates, near_index, survivors
from codekiln.clean_corpus.cleaned_data import Became, Key, Plan
from codekiln.clean_corpus.cleaning import Screening
from codekiln.clean_corpus.duplicates import Found
from codekiln.clean_corpus.near_index import NearIndex
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.signature_file import Rows
from codekiln.clean_corpus.survivors import Passed
from codekiln.clean_corpus.tally import in_order
from codekiln.core import digest
from codekiln.core.corpus.example_source import Part
from codekiln.core.corpus.examples import Writer, from_row, rows_of
from codekiln.core.datasets.dataset import Dataset, Shard, Version
from codekiln.core.progress import track
from codekiln.core.storage.lease import Lease
from codekiln.core.storage.side_by_side import side_by_side

READ = 1000
"""Examples whose signatures are made at once."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night is done with."""

    plan: Plan
    examples: Dataset
    cleaned: Dataset
    index: str
    """URI of the index."""
    likeness: float
    rejects_per_reason: int


def committed(
    night: Night, ready: Callable[[], Screening], lease: Lease
) -> tuple[Version, Mapping[Key, Became]]:
    """Do the night; return the version that it made, and what became of all that was new.

    `ready` gives what examples are held against; to make that takes seconds, so it is asked only if
    there are any. `lease` is that of the cleaned data.
    """
    with contextlib.ExitStack() as stack:
        new: Mapping[Key, Became] = {}
        if night.plan.new:
            new = stack.enter_context(done(night, ready()))
        lease.check()
        return cleaned_data.commit(night.cleaned, night.plan, new), new


@contextlib.contextmanager
def done(night: Night, using: Screening) -> Iterator[Mapping[Key, Became]]:
    """Give what became of all that is new; the index is held until the block ends."""
    new = night.plan.new
    with contextlib.ExitStack() as stack:
        with Rejects(using.scratch, night.rejects_per_reason) as rejects:
            passed = screened(night, using, rejects)
            index = stack.enter_context(near_index.opened(night.index, night.plan.live()))
            mend(index, night, using.scratch)
            place = index.night(night.plan.night)
            found = duplicates.find(
                passed.texts, passed.order, lambda: index.blocks(place), night.likeness
            )
            shards = published(passed, found, night, rejects, using.scratch)
        sources = np.array([near_index.source_of(one) if one else 0 for one in shards], np.uint64)
        rows = cleaning.staying(passed, found, sources)
        cleaning.enter(index, night.plan.night, rows, using.scratch, rejects.path)
        yield {
            (part.key, _shard(part).sha256): Became(shard, in_order(tally))
            for part, shard, tally in zip(new, shards, passed.tallies, strict=True)
        }
        index.prune()


def screened(night: Night, using: Screening, rejects: Rejects) -> Passed:
    """Screen all that is new; return what passes."""
    new = night.plan.new
    with track("clean corpus", sum(part.rows for part in new), "examples") as report:
        files = fetched(new, night.examples, using.scratch)
        return cleaning.screen(files, using, rejects, report)


def tell_rejects(index: str, version: Version, rejects: Rejects) -> None:
    """Write what the last night of `version` dropped, as the index under this URI keeps it.

    A run that finds all done tells it too: the one that did it may have been killed before that.
    """
    for path in near_index.rejects(index, cleaned_data.last_night(version)):
        for row in rows_of(path):
            rejects.add(from_row(row), row["reason"], row["detail"])


def mend(index: NearIndex, night: Night, scratch: Path) -> None:
    """Enter what stands into the index where it lost it."""
    shards = night.plan.shards()
    missing = sorted(index.missing(index.night(night.plan.night)))
    if missing:
        parts = [Part(night.cleaned.uri, shards[s][1].rows, *shards[s]) for s in missing]
        rows = (row for part in parts for row in signed(part))
        cleaning.enter(index, digest.of_json(missing), rows, scratch)


def signed(part: Part) -> Iterator[Rows]:
    """Yield the rows of the index for a shard that stands."""
    source = near_index.source_of(_shard(part))
    read = part.read()
    while some := list(islice(read, READ)):
        texts = duplicates.texts_of([one.id for one in some], survivors.printed(some))
        owners = [one.repository_id for one in some]
        yield Rows(texts, owners, np.full(len(some), source, np.uint64))


def fetched(parts: Sequence[Part], examples: Dataset, scratch: Path) -> Iterator[Path]:
    """Yield a file for each part, some fetched ahead; it is gone when the next is asked for."""

    def fetch(part: Part) -> Path:
        shard = _shard(part)
        path = scratch / f"given-{shard.sha256}.parquet"
        examples.fetch(shard, path)
        return path

    for path in side_by_side(fetch, parts):
        yield path
        path.unlink()


def published(
    passed: Passed, found: Found, night: Night, rejects: Rejects, scratch: Path
) -> list[Shard | None]:
    """Store what stays of each part; return the shards, None for a part of which nothing stays."""
    for number, source in enumerate(passed.files):
        with Writer(_made(scratch, number)) as writer:
            for table in cleaning.copied(passed, found, number, rejects):
                if len(table):
                    writer.file.write_table(table)
        source.unlink()

    def put(number: int) -> Shard | None:
        rows, place = passed.tallies[number]["kept"], _shard(night.plan.new[number])
        path = _made(scratch, number)
        if not rows:
            return None
        return night.cleaned.put(path, rows=rows, first=place.first, last=place.last)

    return list(side_by_side(put, range(len(passed.files))))


def _made(scratch: Path, part: int) -> Path:
    return scratch / f"made-{part:06d}.parquet"


def _shard(part: Part) -> Shard:
    """Return the shard of a part of a data set."""
    if part.shard is None:
        raise ValueError(f"{part.place} is a file, not a part of a data set")
    return part.shard
