"""Long texts end between words."""

import pytest

from codekiln.build_examples.cutting import whole_words


@pytest.mark.parametrize(
    ("most", "wanted"),
    [
        (0, ""),
        (3, ""),
        (4, "some"),
        (5, "some"),
        (8, "some"),
        (9, "some\nmore"),
        (99, "some\nmore"),
    ],
)
def test_a_text_ends_where_a_word_does(most: int, wanted: str) -> None:
    assert whole_words("some\nmore", most) == wanted


def test_white_space_between_and_before_words_is_kept() -> None:
    assert whole_words("  a \n\n b c", 8) == "  a \n\n b"


def test_a_text_of_one_long_word_is_empty() -> None:
    assert whole_words("x" * 11, 10) == ""
    assert whole_words("\t" + "x" * 11, 10) == ""
    assert whole_words("x" * 10, 10) == "x" * 10
