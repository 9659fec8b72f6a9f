import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.tokens.windows import Window, cut


def test_windows_share_the_overlap_and_the_last_may_be_short() -> None:
    assert cut(10, 4, 1) == [Window(0, 4), Window(3, 7), Window(6, 10)]
    assert cut(9, 4, 1)[-1] == Window(6, 9)


def test_a_row_shorter_than_a_window_is_one_window() -> None:
    assert cut(3, 2048, 256) == [Window(0, 3)]
    assert cut(0, 2048, 256) == []


def test_an_overlap_as_long_as_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap is 4"):
        cut(10, 4, 4)


@given(st.data())
def test_every_token_is_covered_and_no_window_lies_in_another(data: st.DataObject) -> None:
    total = data.draw(st.integers(0, 500))
    window = data.draw(st.integers(1, 64))
    overlap = data.draw(st.integers(0, window - 1))
    start = data.draw(st.integers(0, total))
    windows = cut(total, window, overlap, start)
    covered = {position for w in windows for position in range(w.start, w.stop)}
    assert covered == set(range(start, total))
    stops = [w.stop for w in windows]
    assert stops == sorted(set(stops))
    assert all(w.stop - w.start == window for w in windows[:-1])
