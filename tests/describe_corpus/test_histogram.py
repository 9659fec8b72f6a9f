from collections import Counter

import numpy as np
import pytest

from codekiln.describe_corpus import histogram
from codekiln.describe_corpus.lengths import Lengths


@pytest.mark.parametrize("lengths", [[], [0], [7], list(range(1000)), [3] * 50 + [90_000]])
def test_columns_add_up(lengths: list[int]) -> None:
    counted = Lengths(8192)
    counted.add(np.array(lengths, np.int64))
    drawn = histogram.of_lengths("code", counted, "tokens")
    assert sum(column.count for column in drawn.columns) == len(lengths)
    assert 1 <= len(drawn.columns) <= 2 * histogram.COLUMNS


def test_whole_numbers_have_a_column_each_also_those_that_never_came() -> None:
    drawn = histogram.of_counts("steps", Counter({1: 3, 4: 1}), "steps")
    assert [column.count for column in drawn.columns] == [3, 0, 0, 1]
    assert drawn.note == "1.8 on average"


@pytest.mark.parametrize(("width", "wanted"), [(0.1, 1), (1, 1), (6.5, 8), (11, 20), (54, 60)])
def test_widths_are_round_numbers(width: float, wanted: int) -> None:
    assert histogram.nice(width) == wanted
