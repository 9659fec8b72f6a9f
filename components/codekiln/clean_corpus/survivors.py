"""What passed the screen, on the disk until the duplicates among it are known.

Examples lie in Parquet files, one for each part of the input, signatures in one flat file that is
mapped into memory; only ids and times are held, some 70 bytes an example.
"""

import contextlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.clean_corpus.duplicates import Texts, id_key
from codekiln.clean_corpus.signatures import (
    FEWEST_SHINGLES,
    SIZE,
    Fingerprints,
    fingerprints,
)
from codekiln.clean_corpus.tally import Tally
from codekiln.clean_corpus.text_hashes import Places
from codekiln.core.corpus.examples import Example, Writer

NEAR = "near"
BLANKS = bytes(range(33))
"""What `shingles` takes for white space."""


@dataclass(frozen=True, slots=True)
class Passed:
    """All survivors: where they lie, what is left of their texts, and whose they are."""

    files: Sequence[Path]
    starts: Places
    """The place of the first survivor of each part, and how many there are of all."""
    tallies: Sequence[Tally]
    """What became of each part so far."""
    texts: Texts
    repositories: pa.ChunkedArray
    order: Places
    """Their places, the earliest merged first, then by id: the order of precedence."""

    def owners(self, texts: Places) -> list[str]:
        """Return the ids of the repositories of those at these places."""
        owners: list[str] = self.repositories.take(pa.array(texts)).to_pylist()
        return owners

    def parts_of(self, places: Places) -> Places:
        """Return the number of the part that each of `places` came with."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def tables(self, part: int) -> Iterator[tuple[int, pa.Table]]:
        """Yield those of a part in the order they came, with the place of the first."""
        place = int(self.starts[part])
        with pq.ParquetFile(self.files[part]) as file:
            for number in range(file.num_row_groups):
                table = file.read_row_group(number)
                yield place, table
                place += len(table)


class Survivors:
    """Takes survivors, a part after the other; a context, after which `passed` may be asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._near = (folder / NEAR).open("wb")
        self._files: list[Path] = []
        self._tallies: list[Tally] = []
        self._starts = [0]
        self._exact, self._keys, self._times = array("Q"), array("Q"), array("q")
        self._ids: list[pa.Array] = []
        self._repositories: list[pa.Array] = []

    @contextlib.contextmanager
    def part(self, tally: Tally) -> Iterator[Callable[[Sequence[Example]], None]]:
        """Begin the next part for a block; gives what takes its survivors."""
        path = self._folder / f"survivors-{len(self._files):06d}.parquet"
        with Writer(path) as writer:
            yield partial(self._add, writer)
        self._files.append(path)
        self._tallies.append(tally)
        self._starts.append(len(self._exact))

    def _add(self, writer: Writer, some: Sequence[Example]) -> None:
        if not some:
            return
        for example in some:
            writer.add(example)
        prints = printed(some)
        prints.near.tofile(self._near)
        self._exact.extend(prints.exact.tolist())
        self._keys.extend(id_key(example.id) for example in some)
        self._times.extend(int(example.merged_at.timestamp()) for example in some)
        self._ids.append(pa.array([example.id for example in some], pa.string()))
        owners = pa.array([example.repository_id for example in some], pa.string())
        self._repositories.append(owners)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the signatures."""
        self._near.close()

    def passed(self) -> Passed:
        """Return all that were taken."""
        near = self._mapped().reshape(-1, SIZE)
        prints = Fingerprints(near, np.array(self._exact, np.uint64))
        ids = pa.concat_arrays([pa.array([], pa.string()), *self._ids])
        return Passed(
            self._files,
            np.array(self._starts, np.int64),
            self._tallies,
            Texts(ids, np.array(self._keys, np.uint64), prints),
            pa.chunked_array(self._repositories, pa.string()),
            self._order(ids),
        )

    def _order(self, ids: pa.StringArray) -> Places:
        keys = {"merged_at": pa.array(np.array(self._times, np.int64)), "id": ids}
        by = [("merged_at", "ascending"), ("id", "ascending")]
        return np.asarray(pc.sort_indices(pa.table(keys), sort_keys=by), np.int64)

    def _mapped(self) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
        if not len(self._exact):
            return np.zeros(0, np.uint8)
        return np.memmap(self._folder / NEAR, np.uint8, mode="r")


def printed(some: Sequence[Example]) -> Fingerprints:
    """Return the fingerprints of examples: likeness is that of their code.

    The code of a few lines is the same in very many places: there only the whole example counts.
    """
    codes = [example.solution.code.encode() for example in some]
    short = {place: some[place] for place, code in enumerate(codes) if _is_short(code)}
    return fingerprints(codes, {place: _whole(example) for place, example in short.items()})


def _is_short(code: bytes) -> bool:
    """Say whether `code` has too few lines for likeness to mean much."""
    full = (line for line in code.split(b"\n") if line.strip(BLANKS))
    return len(list(islice(full, FEWEST_SHINGLES + 1))) <= FEWEST_SHINGLES


def _whole(example: Example) -> bytes:
    parts = (example.problem.title, example.context.before, example.solution.code)
    return "\n--\n".join(parts).encode()
