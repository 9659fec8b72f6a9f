"""Answers of a search, kept in the data set: a run that was stopped goes on with the next band.

The entry `discovery/DIGEST` is that of one query. Its state tells of which moment the answers are
and how many results each band has; its shards hold the repositories, with their band.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core import digest
from codekiln.core.corpus import layout
from codekiln.core.corpus.repositories import SCHEMA, Repository
from codekiln.core.datasets.dataset import Dataset, Entry, Shard
from codekiln.core.scratch import run_folder
from codekiln.discover_repos.search import Answer

PREFIX, TABLE = layout.SEARCHES.prefix, layout.SEARCHES.table
BAND = "band"
ROWS = SCHEMA.append(pa.field(BAND, pa.string(), nullable=False))


def key_of(words: str) -> str:
    """Return the key of the query `words`."""
    return f"{PREFIX}{digest.of_json(words)[:16]}"


@dataclass(frozen=True)
class Kept:
    """What is kept of one query."""

    as_of: datetime
    answers: Mapping[str, Answer]


def read(dataset: Dataset, words: str) -> Kept | None:
    """Return what is kept of the query `words`, None if nothing is."""
    head = dataset.head()
    entry = dataset.entry(head, key_of(words)) if head else None
    if entry is None:
        return None
    found: dict[str, list[Repository]] = {}
    for shard in entry.tables.get(TABLE, ()):
        for band, repository in _rows(dataset, shard):
            found.setdefault(band, []).append(repository)
    bands: Mapping[str, Any] = entry.state["bands"]
    answers = {
        band: Answer(told["total"], tuple(found.get(band, ())) if told["whole"] else None)
        for band, told in bands.items()
    }
    return Kept(datetime.fromisoformat(entry.state["as_of"]), answers)


def _rows(dataset: Dataset, shard: Shard) -> list[tuple[str, Repository]]:
    with run_folder("codekiln-search-") as scratch:
        path = scratch / "shard.parquet"
        dataset.fetch(shard, path)
        rows = pq.read_table(path).to_pylist()
    return [(row.pop(BAND), Repository(**row)) for row in rows]


def keep(dataset: Dataset, words: str, kept: Kept, run: str) -> None:
    """Add the answers of `kept` to those of the same moment; others are forgotten."""
    shards = _put(dataset, kept.answers)
    bands = {
        band: {"total": answer.total, "whole": answer.found is not None}
        for band, answer in kept.answers.items()
    }
    state = {"name": f"search: {words}", "as_of": kept.as_of.isoformat(), "bands": bands}
    change = partial(_added, Entry(key_of(words), {TABLE: shards}, state))
    dataset.commit({key_of(words): change}, run=run, note=f"searched for {words}")


def _added(new: Entry, before: Entry | None) -> Entry:
    """Return `new` with what an earlier commit of the same search holds."""
    if before is None or before.state["as_of"] != new.state["as_of"]:
        return new
    bands = {**before.state["bands"], **new.state["bands"]}
    # Two runs that search at once may both have answered a band: one answer is enough.
    known = [*before.tables.get(TABLE, ())]
    fresh = [] if new.state["bands"].keys() <= before.state["bands"].keys() else new.tables[TABLE]
    shards = [*known, *(shard for shard in fresh if shard not in known)]
    return Entry(new.key, {TABLE: shards}, {**new.state, "bands": bands})


def _put(dataset: Dataset, answers: Mapping[str, Answer]) -> list[Shard]:
    """Store the repositories of `answers` in a shard; none if they hold none."""
    rows = [
        {**dataclasses.asdict(repository), BAND: band}
        for band, answer in sorted(answers.items())
        for repository in answer.found or ()
    ]
    if not rows:
        return []
    with run_folder("codekiln-search-") as scratch:
        path = scratch / "shard.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=ROWS), path, compression="zstd")
        return [dataset.put(path, rows=len(rows), first=0, last=len(rows) - 1)]
