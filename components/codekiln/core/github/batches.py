"""Asking for many things at once, for fewer where GitHub finds that too heavy."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from codekiln.core.github.errors import TooHeavyError

T = TypeVar("T")
R = TypeVar("R")

SINGLE_TRIES = 3
"""Times that one item is asked for before it counts as too heavy; each is several attempts."""


@dataclass(slots=True)
class BatchSize:
    """How many items to ask for at once: halves at a time-out, grows back slowly.

    One object may serve any number of loops at once; it holds what they learnt together.
    """

    largest: int = 100
    now: int = 0
    """The size of the next batch; 0 starts with the largest."""
    _full: int = field(default=0, repr=False)
    """Batches of the present size that were answered in a row."""

    GROWS_AFTER = 3

    def __post_init__(self) -> None:
        """Start with the largest size, unless told otherwise."""
        self.now = min(self.now or self.largest, self.largest)

    def shrink(self, asked: int) -> None:
        """Remember that `asked` items were too many."""
        self.now = max(1, min(self.now, asked // 2))
        self._full = 0

    def answered(self, asked: int) -> None:
        """Remember that `asked` items were not too many; grow by an eighth after a few of them."""
        self._full += asked >= self.now
        if self._full >= self.GROWS_AFTER:
            self.now = min(self.largest, self.now + max(1, self.now // 8))
            self._full = 0


async def halving(
    ask: Callable[[Sequence[T]], Awaitable[R]],
    items: Sequence[T],
    size: BatchSize,
    *,
    skipped: Callable[[T, TooHeavyError], None] | None = None,
) -> AsyncIterator[R]:
    """Yield what `ask` answers for all `items`, in order, batch by batch.

    A single item that stays too heavy goes to `skipped`; without one TooHeavyError is raised.
    """
    at = tries = 0
    while at < len(items):
        batch = items[at : at + size.now]
        try:
            answer = await ask(batch)
        except TooHeavyError as error:
            size.shrink(len(batch))
            tries += len(batch) == 1
            if len(batch) > 1 or tries < SINGLE_TRIES:
                continue
            if skipped is None:
                raise
            skipped(batch[0], error)
        else:
            size.answered(len(batch))
            yield answer
        at, tries = at + len(batch), 0
