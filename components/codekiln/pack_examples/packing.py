"""Which documents share a row: best fit, the longest first.

A document is never cut, so rows are bins of one size (best-fit decreasing; Ding et al. 2024,
"Fewer Truncations Improve Language Modeling", arXiv 2404.10830).
"""

from collections.abc import Sequence
from dataclasses import dataclass

FULL = 0.995
"""Share of a row from which nothing better is waited for."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows of numbers of documents, and the numbers of those that wait for better company."""

    rows: list[list[int]]
    waiting: list[int]


def best_fit(sizes: Sequence[int], length: int) -> list[list[int]]:
    """Return rows of places in `sizes`, each row of at most `length` together.

    The longest is placed first, into the row where least is left over; one step for each, for the
    rows that have so much left are found in the bits of one number.
    """
    rows: list[list[int]] = []
    by_room: list[list[int]] = [[] for _ in range(length + 1)]
    open_rooms = 0
    for place in sorted(range(len(sizes)), key=lambda place: (-sizes[place], place)):
        room, row = length, len(rows)
        fitting = open_rooms >> sizes[place]
        if fitting:
            room = sizes[place] + (fitting & -fitting).bit_length() - 1
            row = by_room[room].pop()
            if not by_room[room]:
                open_rooms ^= 1 << room
        else:
            rows.append([])
        rows[row].append(place)
        left = room - sizes[place]
        if left:
            by_room[left].append(row)
            open_rooms |= 1 << left
    return rows


def settled(sizes: Sequence[int], length: int, most_waiting: int) -> Settled:
    """Pack `sizes`; rows that are not FULL wait for others to come, at most so many documents.

    Rows come in the order of their first documents, documents of a row and those that wait in
    their own order.
    """
    rows = [sorted(row) for row in best_fit(sizes, length)]
    filled = [sum(sizes[place] for place in row) for row in rows]
    emptiest = sorted(range(len(rows)), key=lambda number: (filled[number], number))
    waiting: list[int] = []
    for number in emptiest:
        if filled[number] >= FULL * length or len(waiting) + len(rows[number]) > most_waiting:
            break
        waiting += rows[number]
        rows[number] = []
    return Settled(sorted(row for row in rows if row), sorted(waiting))
