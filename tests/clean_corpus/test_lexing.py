"""Views of a text."""

import numpy as np

from codekiln.clean_corpus.lexing import NUMBERS, SHAPE, WORDS, Tokens, grams, views


def of(text: str, view: str) -> list[int]:
    found: list[int] = views([text.encode()])[view].hashes.tolist()
    return found


def test_words_are_letters_and_digits_in_lower_case_whatever_stands_between() -> None:
    assert of("Find_the MAX, of 3 words!", WORDS) == of("find the max\n// of 3\twords", WORDS)
    assert of("größe", WORDS) != of("gr e", WORDS)


def test_numbers_are_what_begins_with_a_digit() -> None:
    assert of("f([]int{1, 22, 3}, 4.5)", NUMBERS) == of("g([1, 22, 3], 4.5) == x", NUMBERS)
    assert len(of("int32 x1 7", NUMBERS)) == 1


def test_the_shape_of_code_does_not_know_names_comments_or_layout() -> None:
    one = "for i := 0; i < len(xs); i++ { // walk\n\tsum_of += xs[i] * 2\n}"
    other = "for place:=0;place<len(all);place++{\n total+=all[place]*2 }"
    assert of(one, SHAPE) == of(other, SHAPE)


def test_the_shape_of_code_knows_keywords_signs_and_numbers() -> None:
    shapes = [of(text, SHAPE) for text in ("x + 1", "x - 1", "x + 2", "len + 1", "for + 1")]
    assert len({tuple(shape) for shape in shapes}) == 5


def test_a_url_is_no_comment() -> None:
    assert len(of('get("https://x.io/a") + b', SHAPE)) > len(of('get("', SHAPE)) + 3


def test_tokens_know_their_text() -> None:
    found = views([b"a b", b"", b"// c", b"d"])
    assert found[WORDS].owners.tolist() == [0, 0, 2, 3]
    assert found[SHAPE].owners.tolist() == [0, 0, 3]


def test_runs_do_not_leave_their_text() -> None:
    tokens = Tokens(np.arange(7, dtype=np.uint64), np.array([0, 0, 0, 1, 1, 2, 2]))
    found = grams(tokens, 2)
    assert found.owners.tolist() == [0, 0, 1, 2]
    assert len(set(found.hashes.tolist())) == 4
    assert len(grams(tokens, 8).hashes) == 0
