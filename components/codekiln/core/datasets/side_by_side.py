"""Many small objects at a time: each costs a round trip, and a store hides the latency of some."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

WORKERS = 16

Given = TypeVar("Given")
Found = TypeVar("Found")


def side_by_side(work: Callable[[Given], Found], items: Iterable[Given]) -> Iterator[Found]:
    """Yield what `work` makes of each item, in order; WORKERS at a time, no more held ready."""
    waiting = list(items)
    if len(waiting) < 2:
        yield from map(work, waiting)
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        for start in range(0, len(waiting), WORKERS * 4):
            yield from pool.map(work, waiting[start : start + WORKERS * 4])


def exhaust(items: Iterable[object]) -> None:
    """Let everything that `items` stands for happen."""
    for _ in items:
        pass
