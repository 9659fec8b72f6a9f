"""How often neighbors are equal, over a stream that comes in pieces: examples a pull request."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Key = tuple[str, int]
"""Node id of a repository, number of a pull request."""


@dataclass
class Runs:
    """Lengths of runs of equal keys; those at the ends may go on in the neighboring piece."""

    whole: Counter[int] = field(default_factory=Counter)
    """How many runs have each length, the two at the ends left out."""
    ends: list[tuple[Key, int]] = field(default_factory=list)
    """The first and the last run; one alone if there is only one, none at the beginning."""

    def add(self, owners: pa.Array, numbers: pa.Array) -> None:
        """Go on with the keys of a batch, owner and number side by side."""
        if not len(owners):
            return
        differs = pc.or_(
            pc.not_equal(owners[1:], owners[:-1]), pc.not_equal(numbers[1:], numbers[:-1])
        )
        starts = np.flatnonzero(np.concatenate([[True], differs.to_numpy(zero_copy_only=False)]))
        lengths = np.diff(np.append(starts, len(owners))).tolist()
        inside = Runs(Counter(lengths[1:-1]))
        for place in sorted({0, len(starts) - 1}):
            at = int(starts[place])
            inside.ends.append(((owners[at].as_py(), numbers[at].as_py()), lengths[place]))
        self.join(inside)

    def join(self, after: "Runs") -> None:
        """Go on with what `after` holds."""
        if not self.ends or not after.ends:
            self.ends = self.ends or list(after.ends)
            self.whole += after.whole
            return
        (key, length), (next_key, more) = self.ends[-1], after.ends[0]
        chain = [*self.ends[:-1], *after.ends[1:]]
        middle = [(key, length + more)] if key == next_key else [(key, length), (next_key, more)]
        at = len(self.ends) - 1
        chain[at:at] = middle
        self.whole += after.whole + Counter(one for _, one in chain[1:-1])
        self.ends = [chain[0], chain[-1]] if len(chain) > 1 else chain

    def lengths(self) -> Counter[int]:
        """Return how many runs have each length."""
        return self.whole + Counter(length for _, length in self.ends)
