"""How long a pause is."""

import pytest

from codekiln.core.github.waits import in_words, pause_s


def test_without_a_word_it_is_a_minute_then_twice_as_long_each_time() -> None:
    assert [pause_s(None, strikes) for strikes in (1, 2, 3, 4)] == [60, 120, 240, 480]
    assert pause_s(None, 50) == 3600


def test_retry_after_is_obeyed_even_if_it_is_short() -> None:
    assert pause_s(7, 1) == 7
    assert pause_s(0, 1) == 1


def test_a_retry_after_that_did_not_help_is_no_longer_enough() -> None:
    assert [pause_s(7, strikes) for strikes in (2, 3, 4)] == [60, 120, 240]
    assert pause_s(900, 3) == 900


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (40, "40 s"), (720, "12 min"), (9000, "2.5 h")]
)
def test_seconds_are_said_as_people_do(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
