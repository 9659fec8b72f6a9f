"""Many small objects at a time: each costs a round trip, and a store hides the latency of some."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

WORKERS = 16
AHEAD = 4
"""Items for each worker that are begun or ready before somebody takes the first."""

Given = TypeVar("Given")
Found = TypeVar("Found")


def side_by_side(
    work: Callable[[Given], Found], items: Iterable[Given], workers: int = WORKERS
) -> Iterator[Found]:
    """Yield what `work` makes of each item, in order; so many at a time, few held ready.

    The first error ends it: what was not begun is not done.
    """
    waiting = list(items)
    if len(waiting) < 2:
        yield from map(work, waiting)
        return
    todo = iter(waiting)
    with ThreadPoolExecutor(workers) as pool:
        line = deque(pool.submit(work, one) for one in islice(todo, AHEAD * workers))
        try:
            while line:
                found = line.popleft().result()
                line.extend(pool.submit(work, one) for one in islice(todo, 1))
                yield found
        finally:
            for one in line:
                one.cancel()


def exhaust(items: Iterable[object]) -> None:
    """Let everything that `items` stands for happen."""
    for _ in items:
        pass
