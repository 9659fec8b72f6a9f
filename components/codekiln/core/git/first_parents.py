"""The line that first parents make, and what each of its commits is the first to contain.

`parents` are those of each commit, by number.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

Parents = Sequence[Sequence[int]]

BESIDE = -1
"""The place of a commit that is not on the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A first-parent line: `place[n]` of a commit on it, `under[n]` the first place to contain n.

    Places count from the oldest commit. What no place contains has a place past the end.
    """

    place: Sequence[int]
    under: Sequence[int]


def down_from(number: int, parents: Parents) -> list[int]:
    """Return `number`, its first parent, that one's first parent and so on."""
    line = [number]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    return line


def drawn(newest_first: Sequence[int], parents: Parents) -> Line:
    """Return the line of these commits."""
    place = array("l", [BESIDE]) * len(parents)
    under = array("l", [len(newest_first)]) * len(parents)
    for position, number in enumerate(reversed(newest_first)):
        place[number] = position
        pending = [number]
        while pending:
            one = pending.pop()
            if under[one] == len(newest_first):
                under[one] = position
                pending += parents[one]
    return Line(place, under)
