from hypothesis import given
from hypothesis import strategies as st

from codekiln.tokenize import markers

PIECES = st.sampled_from([*markers.ALL, "<|", "|>", "commit", "<|com", "mit|>", "x"])


@given(st.lists(PIECES).map("".join))
def test_no_marker_survives_however_it_is_nested(text: str) -> None:
    assert not any(marker in markers.remove(text) for marker in markers.ALL)


def test_other_text_is_left_alone() -> None:
    assert markers.remove("a <| b |> <|other|>") == "a <| b |> <|other|>"
