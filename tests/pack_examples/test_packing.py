import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from codekiln.pack_examples.packing import FULL, best_fit, settled

LENGTH = 64


@given(st.lists(st.integers(1, LENGTH), max_size=200))
def test_each_document_is_in_one_row_and_no_row_is_too_long(sizes: list[int]) -> None:
    rows = best_fit(sizes, LENGTH)
    assert sorted(place for row in rows for place in row) == list(range(len(sizes)))
    assert all(0 < sum(sizes[place] for place in row) <= LENGTH for row in rows)


@given(st.lists(st.integers(1, LENGTH), max_size=100), st.integers(0, 30))
def test_only_what_is_not_full_waits_and_not_more_than_may(sizes: list[int], most: int) -> None:
    found = settled(sizes, LENGTH, most)
    placed = [place for row in found.rows for place in row]
    assert sorted(placed + found.waiting) == list(range(len(sizes)))
    assert len(found.waiting) <= most
    assert all(row == sorted(row) for row in found.rows)


def test_each_goes_where_least_is_left_over() -> None:
    assert best_fit([30, 34, 50, 14, 40, 24], LENGTH) == [[2, 3], [4, 5], [1, 0]]


def test_full_rows_do_not_wait() -> None:
    found = settled([LENGTH, 10, 54, 5], LENGTH, 100)
    assert (found.rows, found.waiting) == ([[0], [1, 2]], [3])


def test_sizes_as_those_of_go_fill_rows_of_1024_tokens_to_99_percent() -> None:
    # Log-normal with the quartiles and the tail of etcd's examples: 5 %, 50 %, 95 % at about
    # 110, 260, 610 tokens.
    drawn = np.random.default_rng(1).lognormal(5.56, 0.52, 3000)
    sizes: list[int] = np.clip(drawn, 36, 1024).astype(int).tolist()
    rows = best_fit(sizes, 1024)
    assert sum(sizes) / (1024 * len(rows)) >= 0.99
    assert FULL >= 0.99
