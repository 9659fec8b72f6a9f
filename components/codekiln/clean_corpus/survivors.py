"""What passed the screen, on the disk until the duplicates among it are known.

Examples lie in Parquet files, signatures in one flat file that is mapped into memory; only ids and
times are held, some 70 bytes an example.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from codekiln.clean_corpus.text_hashes import Places
from codekiln.core.corpus.examples import Example, Writer

FILE = "survivors.parquet"
NEAR = "near"
BLANKS = bytes(range(33))
"""What `shingles` takes for white space."""


@dataclass(frozen=True, slots=True)
class Passed:
    """All survivors: where they lie, what is left of their texts, and whose they are."""

    path: Path
    texts: Texts
    repositories: pa.ChunkedArray
    merged_at: pa.ChunkedArray

    def order(self) -> Places:
        """Return their places, the earliest merged first, then by id: the order of precedence."""
        keys = {"merged_at": self.merged_at, "id": self.texts.ids}
        places = pc.sort_indices(
            pa.table(keys), sort_keys=[("merged_at", "ascending"), ("id", "ascending")]
        )
        return np.asarray(places, np.int64)

    def owners(self, texts: Places) -> list[str]:
        """Return the ids of the repositories of those at these places."""
        owners: list[str] = self.repositories.take(pa.array(texts)).to_pylist()
        return owners

    def tables(self) -> Iterator[tuple[int, pa.Table]]:
        """Yield them in the order they came, with the place of the first."""
        place = 0
        with pq.ParquetFile(self.path) as file:
            for number in range(file.num_row_groups):
                table = file.read_row_group(number)
                yield place, table
                place += len(table)


class Survivors:
    """Takes survivors; a context, after which `passed` may be asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = Writer(folder / FILE)
        self._near = (folder / NEAR).open("wb")
        self._exact, self._keys, self._times = array("Q"), array("Q"), array("q")
        self._ids: list[pa.Array] = []
        self._repositories: list[pa.Array] = []

    def add(self, some: Sequence[Example]) -> None:
        """Take some examples."""
        if not some:
            return
        for example in some:
            self._writer.add(example)
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
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the files."""
        self._near.close()
        self._writer.__exit__(kind, error, trace)

    def passed(self) -> Passed:
        """Return all that were taken."""
        near = self._mapped().reshape(-1, SIZE)
        prints = Fingerprints(near, np.array(self._exact, np.uint64))
        ids = pa.concat_arrays([pa.array([], pa.string()), *self._ids])
        return Passed(
            self._folder / FILE,
            Texts(ids, np.array(self._keys, np.uint64), prints),
            pa.chunked_array(self._repositories, pa.string()),
            pa.chunked_array([pa.array(np.array(self._times, np.int64))]),
        )

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
