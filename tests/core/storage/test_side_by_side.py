"""Many at a time: in order, few begun ahead, and an error ends it."""

import threading
import time

import pytest

from codekiln.core.storage.side_by_side import AHEAD, exhaust, side_by_side


def test_what_is_made_comes_in_the_order_of_the_items() -> None:
    assert list(side_by_side(lambda one: one * one, range(200))) == [
        one * one for one in range(200)
    ]


def test_so_many_are_at_work_together() -> None:
    together = threading.Barrier(3, timeout=30)
    assert len(list(side_by_side(lambda _: together.wait(), range(9), workers=3))) == 9


def test_nobody_runs_far_ahead_of_who_takes() -> None:
    begun: list[int] = []
    first = next(side_by_side(begun.append, range(100), workers=2))
    assert first is None
    assert len(begun) <= AHEAD * 2 + 1


def test_an_error_is_raised_and_what_was_not_begun_is_not_done() -> None:
    begun: list[int] = []

    def work(one: int) -> None:
        begun.append(one)
        if not one:
            raise ValueError(one)
        time.sleep(0.3)

    with pytest.raises(ValueError, match="0"):
        exhaust(side_by_side(work, range(1000), workers=2))
    assert len(begun) < AHEAD * 2
