"""The three passes over examples: screen them, find duplicates among the survivors, write the rest.

The screen looks at one example at a time. Duplicates are decided over all of them, in the order of
precedence, but on their signatures alone. Then those that stay are copied in the order they came.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from codekiln.clean_corpus import duplicates, near_index
from codekiln.clean_corpus.duplicates import KEPT, Found
from codekiln.clean_corpus.reading import Read
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.survivors import Passed, Survivors
from codekiln.clean_corpus.text_hashes import Places
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Writer
from codekiln.core.progress import Report

REASONS = {
    duplicates.SEEN: "seen before",
    duplicates.EXACT: "exact duplicate",
    duplicates.NEAR: "near duplicate",
}
FILE_ROWS = 50_000
"""Examples in one file of the output."""
NEW_ROWS = "new.parquet"


def screen(
    read: Iterable[list[Read]], using: Screen, rejects: Rejects, scratch: Path, report: Report
) -> Passed:
    """Hold all examples against `using`; return those that pass, in `scratch`."""
    done = 0
    survivors = Survivors(scratch)
    with survivors:
        for some in read:
            screened = using.screened(some)
            for one in screened:
                if one.reason:
                    rejects.add(one.example, one.reason, one.detail)
            survivors.add([one.example for one in screened if not one.reason])
            done += len(some)
            report(done, "")
    return survivors.passed()


@dataclass(frozen=True, slots=True)
class Index:
    """Where the index of earlier nights is, and the key of this night in it."""

    uri: str
    night: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of the survivors, and the digest of the index that they were held against."""

    found: Found
    index: str = ""


def decide(passed: Passed, alike: float, index: Index | None, scratch: Path) -> Decided:
    """Find the duplicates among those that passed; enter those that stay into the index."""
    order = passed.order()
    if index is None:
        return Decided(duplicates.find(passed.texts, order, tuple, alike))
    with near_index.opened(index.uri) as held:
        night = held.night(index.night)
        found = duplicates.find(passed.texts, order, lambda: held.blocks(night), alike)
        rows = near_index.write(scratch / NEW_ROWS, _staying(passed, order, found))
        held.commit(index.night, night, scratch / NEW_ROWS, rows)
    return Decided(found, night.digest)


def _staying(
    passed: Passed, order: Places, found: Found
) -> Iterator[tuple[duplicates.Texts, list[str]]]:
    """Yield those that stay, in the order of precedence, with their repositories."""
    places = order[found.verdicts[order] == KEPT]
    for start in range(0, len(places), duplicates.BLOCK):
        some = places[start : start + duplicates.BLOCK]
        yield passed.texts.at(some), passed.owners(some)


def publish(passed: Passed, found: Found, folder: Path, rejects: Rejects) -> int:
    """Write those that stay into `folder`, count the others; return how many stay."""
    stays = found.verdicts == KEPT
    with contextlib.ExitStack() as stack:
        files = _Files(folder, stack)
        for first, table in passed.tables():
            here = stays[first : first + len(table)]
            files.write(table.filter(pa.array(here)))
            for place in np.flatnonzero(~here).tolist():
                _reject(table, place, first + place, found, rejects)
    return int(stays.sum())


def _reject(table: pa.Table, row: int, place: int, found: Found, rejects: Rejects) -> None:
    reason = REASONS[int(found.verdicts[place])]
    if not rejects.wants(reason):
        rejects.count(reason)
        return
    [told] = table.slice(row, 1).to_pylist()
    rejects.add(examples.from_row(told), reason, found.twins[place])


class _Files:
    """The files of the output, one after the other; at least one, so that it can be read."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._number = self._rows = 0
        self._writer = self._begun()

    def write(self, table: pa.Table) -> None:
        """Write a row group."""
        if self._rows >= FILE_ROWS:
            self._stack.pop_all().close()
            self._number, self._rows = self._number + 1, 0
            self._writer = self._begun()
        if len(table):
            self._writer.file.write_table(table.cast(examples.SCHEMA))
            self._rows += len(table)

    def _begun(self) -> Writer:
        return self._stack.enter_context(Writer(examples.shard(self._folder, self._number)))
