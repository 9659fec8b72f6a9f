"""Batches that halve where they are too heavy."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.github.batches import SINGLE_TRIES, BatchSize, halving
from codekiln.core.github.errors import TooHeavyError


class Scale:
    """Answers batches up to `limit` weight; keeps what it was asked."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.asked: list[int] = []

    async def ask(self, batch: Sequence[int]) -> list[int]:
        self.asked.append(len(batch))
        if sum(batch) > self.limit:
            raise TooHeavyError("too much")
        return list(batch)


async def weigh(
    scale: Scale, items: Sequence[int], size: BatchSize, skipped: list[int] | None = None
) -> list[int]:
    note = None if skipped is None else lambda item, _error: skipped.append(item)
    return [one async for some in halving(scale.ask, items, size, skipped=note) for one in some]


def test_a_batch_that_is_too_heavy_is_halved_until_it_is_not() -> None:
    scale = Scale(25)
    assert asyncio.run(weigh(scale, [1] * 100, BatchSize(100))) == [1] * 100
    assert scale.asked[:4] == [100, 50, 25, 25]


def test_the_size_grows_back_slowly_and_never_past_the_largest() -> None:
    size = BatchSize(100)
    size.shrink(100)
    sizes = [size.now]
    for _ in range(100):
        size.answered(size.now)
        sizes.append(size.now)
    assert sizes[:5] == [50, 50, 50, 56, 56]
    assert sizes[-1] == 100


def test_small_batches_do_not_prove_that_large_ones_are_light() -> None:
    size = BatchSize(100, now=50)
    for _ in range(100):
        size.answered(3)
    assert size.now == 50


def test_one_item_that_stays_too_heavy_is_reported_and_the_others_come() -> None:
    scale, skipped = Scale(10), list[int]()
    items = [1, 1, 99, 1, 1]
    assert asyncio.run(weigh(scale, items, BatchSize(4), skipped)) == [1, 1, 1, 1]
    assert skipped == [99]
    assert scale.asked.count(1) >= SINGLE_TRIES


def test_without_anybody_to_report_to_it_is_an_error() -> None:
    with pytest.raises(TooHeavyError):
        asyncio.run(weigh(Scale(10), [99], BatchSize(4)))


@given(st.lists(st.integers(1, 30)), st.integers(1, 60), st.integers(1, 40))
def test_every_item_is_answered_once_in_order_or_reported(
    items: list[int], limit: int, largest: int
) -> None:
    skipped: list[int] = []
    found = asyncio.run(weigh(Scale(limit), items, BatchSize(largest), skipped))
    assert found == [one for one in items if one <= limit]
    assert skipped == [one for one in items if one > limit]
