import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.tokens.markers import Markers

SOME = Markers(["<|a|>", "<|b|>"])


@pytest.mark.parametrize("text", ["<|<|a|>a|>", "<|<|b|>a|>", "<<|a|>|b|<|b|>>"])
def test_halves_that_come_together_are_taken_out_too(text: str) -> None:
    assert SOME.remove(f"x{text}y") == "xy"


@given(st.lists(st.sampled_from(["<|", "|>", "a", "b", "<|a|>", " "])).map("".join))
def test_nothing_is_left_that_could_be_one(text: str) -> None:
    left = SOME.remove(text)
    assert list(SOME.places(left)) == []
    assert (left == text) == (not list(SOME.places(text)))


def test_what_only_looks_like_one_stays() -> None:
    assert SOME.remove("<|c|> <|a| > <|A|>") == "<|c|> <|a| > <|A|>"
