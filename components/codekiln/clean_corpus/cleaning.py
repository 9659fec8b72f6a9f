"""The three passes over examples: screen them, find duplicates among the survivors, copy the rest.

The screen looks at one example at a time. Duplicates are decided over all of them, in the order of
precedence, but on their signatures alone. Then those that stay are copied in the order they came.
The input comes in parts, and what becomes of each is counted by itself.
"""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from codekiln.clean_corpus import duplicates, near_index, reading, signature_file
from codekiln.clean_corpus import tally as tallies
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.duplicates import KEPT, Found
from codekiln.clean_corpus.near_index import NearIndex
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.signature_file import Rows
from codekiln.clean_corpus.survivors import Passed, Survivors
from codekiln.clean_corpus.text_hashes import Hashes, Places
from codekiln.core.corpus import examples
from codekiln.core.corpus.example_source import Part
from codekiln.core.corpus.examples import Writer
from codekiln.core.progress import Report

REASONS = {
    duplicates.SEEN: "seen before",
    duplicates.EXACT: "exact duplicate",
    duplicates.NEAR: "near duplicate",
}
FILE_ROWS = 50_000
"""Examples in one file of a folder."""
NEW_ROWS = "new.parquet"


@dataclass(frozen=True, slots=True)
class Screening:
    """What examples are held against, and where those that pass are kept."""

    screen: Screen
    limits: Limits
    scratch: Path


def files_of(parts: Sequence[Part]) -> Iterator[Path]:
    """Yield the file of each part; it may be gone when the next is asked for."""
    for part in parts:
        with part.file() as path:
            yield path


def screen(files: Iterable[Path], using: Screening, rejects: Rejects, report: Report) -> Passed:
    """Screen all examples in `files`, a part each; return those that pass."""
    done = 0
    with Survivors(using.scratch) as survivors:
        for path in files:
            tally = Counter[str]()
            with survivors.part(tally) as add:
                for some in reading.read(path, using.limits):
                    screened = using.screen.screened(some)
                    for one in screened:
                        if one.reason:
                            rejects.add(one.example, one.reason, one.detail)
                            tally[tallies.dropped(one.reason)] += 1
                    add([one.example for one in screened if not one.reason])
                    done += len(some)
                    tally["examples"] += len(some)
                    report(done, "")
            tally.update(tallies.masked(using.screen.masker.taken()))
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
    if index is None:
        return Decided(duplicates.find(passed.texts, passed.order, tuple, alike))
    with near_index.opened(index.uri) as held:
        night = held.night(index.night)
        found = duplicates.find(passed.texts, passed.order, lambda: held.blocks(night), alike)
        sources = np.zeros(len(passed.files), np.uint64)
        enter(held, index.night, staying(passed, found, sources), scratch)
    return Decided(found, night.digest)


def enter(
    index: NearIndex, key: str, rows: Iterator[Rows], scratch: Path, rejects: Path | None = None
) -> None:
    """Make `rows`, and the file `rejects`, what the index says of the night `key`."""
    path = scratch / NEW_ROWS
    signature_file.write(path, rows)
    index.commit(key, index.night(key), path, rejects)


def staying(passed: Passed, found: Found, sources: Hashes) -> Iterator[Rows]:
    """Yield those that stay, in the order of precedence; `sources` gives that of each part."""
    order = passed.order
    places = order[found.verdicts[order] == KEPT]
    for start in range(0, len(places), duplicates.BLOCK):
        some: Places = places[start : start + duplicates.BLOCK]
        of = sources[passed.parts_of(some)]
        yield Rows(passed.texts.at(some), passed.owners(some), of)


def copied(passed: Passed, found: Found, part: int, rejects: Rejects) -> Iterator[pa.Table]:
    """Yield those of a part that stay, as tables; count the others."""
    stays, tally = found.verdicts == KEPT, passed.tallies[part]
    for first, table in passed.tables(part):
        here = stays[first : first + len(table)]
        yield table.filter(pa.array(here)).cast(examples.SCHEMA)
        tally["kept"] += int(here.sum())
        for place in np.flatnonzero(~here).tolist():
            reason = REASONS[int(found.verdicts[first + place])]
            tally[tallies.dropped(reason)] += 1
            if rejects.wants(reason):
                [told] = table.slice(place, 1).to_pylist()
                rejects.add(examples.from_row(told), reason, found.twins[first + place])


def publish(passed: Passed, found: Found, folder: Path, rejects: Rejects) -> None:
    """Write those that stay into `folder`, count the others."""
    with contextlib.ExitStack() as stack:
        files = _Files(folder, stack)
        for part in range(len(passed.files)):
            for table in copied(passed, found, part, rejects):
                files.write(table)


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
            self._writer.file.write_table(table)
            self._rows += len(table)

    def _begun(self) -> Writer:
        return self._stack.enter_context(Writer(examples.shard(self._folder, self._number)))
