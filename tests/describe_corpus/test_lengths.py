import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.describe_corpus.lengths import Lengths

MOST = 20


def counted(*lengths: int) -> Lengths:
    found = Lengths(MOST)
    found.add(np.array(lengths, np.int64))
    return found


@settings(max_examples=20)
@given(st.lists(st.integers(0, 30), min_size=1), st.lists(st.integers(0, 30)))
def test_bins_hold_every_length_once(first: list[int], then: list[int]) -> None:
    found = counted(*first)
    found.join(counted(*then))
    lengths = first + then
    bins = found.bins([0, 5, 10])
    assert [one.count for one in bins] == [
        sum(0 <= n < 5 for n in lengths), sum(5 <= n < 10 for n in lengths),
        sum(n >= 10 for n in lengths),
    ]  # fmt: skip
    assert found.longest == max(lengths)
    assert found.mean == np.mean(lengths)


def test_quantiles_are_exact_up_to_the_bound() -> None:
    found = counted(*range(1, 21), *[500] * 5)
    assert [found.quantile(share) for share in (0.2, 0.5, 1)] == [5, 13, MOST]


def test_no_lengths_have_no_quantiles() -> None:
    assert Lengths(MOST).quantile(0.5) == 0
    assert Lengths(MOST).mean == 0
