"""What two texts are compared by: their pairs of neighboring lines.

White space never counts and empty lines are none, so that gofmt, tabs and line ends make no
difference. Two lines, not one: a single line of Go (`return err`) is in half of all files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codekiln.clean_corpus.text_hashes import BASE, Hashes, Pieces, Places, joined, mixed

LINE_FEED = 10
BLANK = 32
"""Bytes up to this one are white space or control characters."""

Shingles = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of some texts that are not blank: the hash of each, and how many each text has."""

    hashes: Hashes
    counts: Places

    @property
    def starts(self) -> Places:
        """Return the place of the first line of each text."""
        return np.asarray(np.cumsum(self.counts) - self.counts, np.int64)


def lines(texts: Sequence[bytes]) -> Lines:
    """Return the lines of `texts`, in their order."""
    data, ends = joined(texts)
    kept = (data > BLANK) | (data == LINE_FEED)
    ends = np.cumsum(kept)[ends - 1]
    data = data[kept]
    stops = np.flatnonzero(data == LINE_FEED)
    starts = np.concatenate(([0], stops[:-1] + 1))
    full = stops > starts
    starts, stops = starts[full], stops[full]
    first = np.searchsorted(stops, ends)
    counts = np.diff(np.concatenate(([0], first)))
    return Lines(Pieces(data).hashes(starts, stops), counts)


def shingles(some: Lines) -> tuple[Shingles, Places]:
    """Return the shingles of all texts in their order, and how many each text has.

    A text of n lines has n - 1, repeated ones among them.
    """
    pairs = some.hashes[:-1] * np.uint64(3) + some.hashes[1:]
    together = np.ones(len(some.hashes), np.bool_)
    # No shingle begins with the last line of a text.
    together[(some.starts + some.counts - 1)[some.counts > 0]] = False
    found = (mixed(pairs[together[:-1]]) >> np.uint64(32)).astype(np.uint32)
    return found, np.maximum(some.counts - 1, 0)


def equality(some: Lines) -> Hashes:
    """Return 64 bits of each text that only texts of the same lines share."""
    inside = np.arange(len(some.hashes)) - np.repeat(some.starts, some.counts)
    placed = mixed(some.hashes + inside.astype(np.uint64) * np.uint64(BASE))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(placed)])
    return mixed(sums[some.starts + some.counts] - sums[some.starts])
