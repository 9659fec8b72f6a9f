"""What jobs made becomes part of a data set, some jobs at a time: a kill costs those that wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from codekiln.build_examples import incremental
from codekiln.build_examples.incremental import News
from codekiln.core.corpus.example_entries import Given, Wanted, made_of
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.storage.side_by_side import side_by_side

RUN = "build_examples"


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job made of one shard of pull requests: a file, and what was counted."""

    key: str
    pulls: Shard
    path: Path
    counts: Mapping[str, int]


class Publisher:
    """Commits what is finished, at most once in `every_s` seconds, all of it with `flush`."""

    def __init__(
        self,
        dataset: Dataset,
        news: News,
        made_with: str,
        every_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._dataset, self._news, self._made_with = dataset, news, made_with
        self._every_s, self._clock = every_s, clock
        self._waiting: list[Finished] = []
        self._last = clock()
        self._version: Version | None = dataset.head()

    def take(self, finished: Finished) -> None:
        """Add what a job made; it is committed if its time has come."""
        self._waiting.append(finished)
        if self._clock() - self._last >= self._every_s:
            self.flush()

    def settle(self) -> None:
        """Commit what needs no job: shards that are gone, new names, repositories without any."""
        busy = {key for key, _ in self._news.todo}
        self._commit({key: {} for key in self._news.changed if key not in busy})

    def flush(self) -> Version:
        """Commit everything that waits; return the newest version that is known."""
        given = side_by_side(self._given, self._waiting)
        new: dict[str, dict[str, Given]] = {}
        for one, made in zip(self._waiting, given, strict=True):
            new.setdefault(one.key, {})[one.pulls.sha256] = made
        version = self._commit(new)
        for one in self._waiting:
            one.path.unlink()
        self._waiting = []
        self._last = self._clock()
        return version

    def _given(self, one: Finished) -> Given:
        """Store the examples of one job, if it made any, in the place of their pull requests."""
        rows, shard = one.counts.get("examples", 0), None
        if rows:
            first, last = one.pulls.first, one.pulls.last
            shard = self._dataset.put(one.path, rows=rows, first=first, last=last)
        return Given(shard, one.counts)

    def _commit(self, new: Mapping[str, Mapping[str, Given]]) -> Version:
        if not new and self._version is not None:
            return self._version
        changes = {
            key: partial(self._changed, self._news.changed[key], given)
            for key, given in new.items()
        }
        shards = sum(map(len, new.values()))
        note = f"examples of {shards} shards of {len(new)} repositories"
        self._version = self._dataset.commit(changes, run=RUN, note=note)
        return self._version

    def _changed(self, wanted: Wanted, new: Mapping[str, Given], entry: Entry | None) -> Entry:
        made = made_of(entry) if entry else None
        return incremental.up_to_date(wanted, made, self._made_with, new).to_entry()
