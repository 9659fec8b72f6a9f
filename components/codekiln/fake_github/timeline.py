"""When each pull request of a repository was opened, closed and last touched, as flat arrays.

16 bytes a pull request. A timeline is made from the seed and may be thrown away, until something
happens in its repository: from then on it is the only record, and is kept.
"""

import math
from array import array
from collections.abc import Sequence

from codekiln.fake_github.dice import mix
from codekiln.fake_github.moments import DAY
from codekiln.fake_github.specs import RepositorySpec

MERGED, BOT, DRAFT = 1, 2, 4
MOST_REMARKS = 16
"""More comments on lines than any pull request is born with."""
_HOURS = [int(600 * math.exp(u / 255 * math.log(6 * 24 * 45))) for u in range(256)]
"""How long a pull request stays open: from ten minutes to 45 days, evenly in the logarithm."""
_COMMENTS = bytes(
    [0] * 90 + [1] * 64 + [2] * 44 + [3] * 24 + [4] * 14 + [6] * 12 + [9] * 6 + [14] * 2
)
_REMARKS = bytes([0] * 140 + [1] * 44 + [2] * 30 + [3] * 18 + [4] * 12 + [6] * 8 + [9] * 4)
_REVIEWS = bytes([0] * 60 + [1] * 130 + [2] * 50 + [3] * 16)


class Timeline:
    """The pull requests of one repository in the order of their creation."""

    def __init__(self, spec: RepositorySpec, salt: int, born: int) -> None:
        self.salt = salt
        self.created = array("I")
        self.closed = array("I")  # 0: open
        self.updated = array("I")
        self.flags = array("B")
        self.by_update: array[int] | None = None
        self.remarks: array[int] | None = None
        self._fill(spec, born)
        self.born = len(self)

    def __len__(self) -> int:
        """Return how many pull requests there are."""
        return len(self.created)

    def _fill(self, spec: RepositorySpec, born: int) -> None:
        first = born - spec.age_days * DAY
        last = born - spec.pushed_days * DAY - 600
        slot = max((last - first) // max(spec.pulls, 1), 2)
        merged, bots = int(spec.merged_share * 256), int(spec.bot_share * 256)
        for index in range(spec.pulls):
            chance = mix(self.salt + index)
            created = first + index * slot + chance % slot
            self._add(created, mix(chance), (merged, bots), born)

    def _add(self, created: int, chance: int, shares: tuple[int, int], born: int) -> None:
        closed = created + _HOURS[chance & 0xFF]
        is_open = closed >= born or chance >> 26 == 0
        flags = BOT if (chance >> 8) & 0xFF < shares[1] else 0
        late = mix(chance + 1)
        if is_open:
            # Some wait for an answer, some are forgotten.
            span = min(born - created, 20 * DAY)
            updated, closed = created + late % max(span, 1), 0
            flags |= DRAFT if late >> 29 == 0 else 0
        else:
            updated = closed + (late % 7_200 if late & 0x7 else late % (90 * DAY))
            flags |= MERGED if (chance >> 16) & 0xFF < shares[0] else 0
        self.created.append(created)
        self.closed.append(closed)
        self.updated.append(min(updated, born))
        self.flags.append(flags)

    def comments_of(self, index: int) -> int:
        """Return how many comments pull request `index` was born with."""
        if index >= self.born:
            return 0
        return _COMMENTS[mix(self.salt + index + 0x1000000) & 0xFF]

    def reviews_of(self, index: int) -> int:
        """Return how many reviews pull request `index` was born with."""
        if index >= self.born:
            return 0
        drawn = _REVIEWS[mix(self.salt + index + 0x2000000) & 0xFF]
        return max(drawn, min(self.remarks_of(index), 1))

    def remarks_of(self, index: int) -> int:
        """Return how many comments on lines pull request `index` was born with."""
        if self.flags[index] & BOT or index >= self.born:
            return 0
        return _REMARKS[mix(self.salt + index + 0x3000000) & 0xFF]

    def moment(self, index: int, part: int, parts: int) -> int:
        """Return when talk `part` of `parts` was said: evenly over the life of the pull request."""
        end = self.closed[index] or self.updated[index]
        return self.created[index] + (part + 1) * (end - self.created[index]) // (parts + 1)

    def updated_order(self) -> Sequence[int]:
        """Return all indexes, the least recently updated first."""
        if self.by_update is None:
            key = self.updated
            self.by_update = array("I", sorted(range(len(self)), key=lambda i: (key[i], i)))
        return self.by_update

    def remark_order(self) -> Sequence[int]:
        """Return the places (index * MOST_REMARKS + number) of all comments on lines, by time."""
        if self.remarks is None:
            timed = [
                (self.moment(index, number, count), index * MOST_REMARKS + number)
                for index in range(self.born)
                if (count := self.remarks_of(index))
                for number in range(count)
            ]
            self.remarks = array("L", (place for _, place in sorted(timed)))
        return self.remarks

    def open(self, now: int) -> int:
        """Add a pull request that is opened at `now`; returns its index."""
        self.created.append(now)
        self.closed.append(0)
        self.updated.append(now)
        self.flags.append(0)
        self.forget_orders()
        return len(self) - 1

    def touch(self, index: int, now: int) -> None:
        """Note that pull request `index` changed at `now`."""
        self.updated[index] = now
        self.forget_orders()

    def forget_orders(self) -> None:
        """Make the sorted orders anew at the next question."""
        self.by_update = None
        self.remarks = None
