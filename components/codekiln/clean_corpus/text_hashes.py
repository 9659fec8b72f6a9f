"""Hashes of very many pieces of text at once, by numpy.

The hash of a piece b[i:j] is sum(b[k] * P**(k - i)) modulo 2**64, mixed. With the prefix sums
H[n] = sum(b[k] * P**k for k < n) that is (H[j] - H[i]) * P**-i, for P is odd and so has an inverse:
one multiplication and one sum a byte, whatever the pieces are. Equal pieces have equal hashes in
every run and on every machine. It is no cryptographic hash: who writes text for the purpose can
make two lines look alike, and gains that one of them is dropped.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

BASE = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio, which is odd."""
INVERSE = pow(BASE, -1, 1 << 64)
BATCH_BYTES = 1 << 18
"""Texts hashed at once: the arrays, some 60 times as large, stay near the caches."""


@lru_cache(maxsize=2)
def _powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _first_powers(base: int, count: int) -> Hashes:
    """Return at least `count` powers; few sizes, for they are kept."""
    size = max(BATCH_BYTES << 1, 1 << (count - 1).bit_length() if count > 1 else 1)
    return _powers(base, size)


def mixed(values: Hashes) -> Hashes:
    """Return `values` with their bits spread evenly (the finalizer of splitmix64)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


class Pieces:
    """Hashes of pieces of one array of bytes."""

    def __init__(self, data: Bytes) -> None:
        self._sums = np.empty(len(data) + 1, np.uint64)
        self._sums[0] = 0
        np.cumsum(data * _first_powers(BASE, len(data) + 1)[: len(data)], out=self._sums[1:])

    def hashes(self, starts: Places, stops: Places) -> Hashes:
        """Return the hash of each piece from its start up to its stop."""
        inverse = _first_powers(INVERSE, len(self._sums))
        return mixed((self._sums[stops] - self._sums[starts]) * inverse[starts])


def joined(texts: Sequence[bytes]) -> tuple[Bytes, Places]:
    """Return all texts in one array, each ended by a line feed, and where each ends."""
    data = np.frombuffer(b"\n".join(texts) + b"\n", np.uint8)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return data, np.cumsum(lengths + 1)


def batches(texts: Sequence[bytes], size: int = BATCH_BYTES) -> Iterator[tuple[int, int]]:
    """Yield the bounds of runs of texts that hold about `size` bytes; a longer text stands alone.

    Every text is in one run.
    """
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    start = held = 0
    while start < len(texts):
        stop = max(start + 1, int(np.searchsorted(ends, held + size, side="right")))
        yield start, stop
        start, held = stop, int(ends[stop - 1])
