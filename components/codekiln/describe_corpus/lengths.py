"""Many lengths in little memory: exact up to a bound, counted together beyond it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Lengths from `first` up to `last`, both among them, and how many there are."""

    first: int
    last: int
    count: int


class Lengths:
    """How often each length came; those from `most` on count as `most` in quantiles."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.counts: Numbers = np.zeros(most + 1, np.int64)
        self.total = 0
        self.sum = 0
        self.longest = 0

    def add(self, lengths: Numbers) -> None:
        """Count some."""
        if not len(lengths):
            return
        self.counts += np.bincount(np.minimum(lengths, self.most), minlength=self.most + 1)
        self.total += len(lengths)
        self.sum += int(lengths.sum())
        self.longest = max(self.longest, int(lengths.max()))

    def join(self, other: "Lengths") -> None:
        """Count what `other` did."""
        self.counts += other.counts
        self.total += other.total
        self.sum += other.sum
        self.longest = max(self.longest, other.longest)

    @property
    def mean(self) -> float:
        """Return the mean, 0 of none."""
        return self.sum / self.total if self.total else 0.0

    def quantile(self, share: float) -> int:
        """Return the length that so many are not longer than."""
        if not self.total:
            return 0
        return int(np.searchsorted(np.cumsum(self.counts), share * self.total))

    def bins(self, edges: Sequence[int]) -> list[Bin]:
        """Return how many lie from each edge up to the next; the last goes on to the longest."""
        stops = [*(edge - 1 for edge in edges[1:]), max(self.longest, edges[-1])]
        sums = np.concatenate([[0], np.cumsum(self.counts)])
        return [
            Bin(first, last, int(sums[min(last, self.most) + 1] - sums[min(first, self.most + 1)]))
            for first, last in zip(edges, stops, strict=True)
        ]
