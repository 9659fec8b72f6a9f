import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.golang import lexing


def test_comments_are_tokens_only_where_they_are_wanted() -> None:
    text = "x := 1 // one\n/* two\nlines */ y++"
    assert lexing.tokens(text, comments=False) == ["x", ":", "=", "1", "y", "+", "+"]
    assert "/* two\nlines */" in lexing.tokens(text, comments=True)


@pytest.mark.parametrize("literal", ['"a // b"', "`raw // \n\\`", "'\\''", '"\\" /*"'])
def test_a_literal_is_one_token_whatever_it_holds(literal: str) -> None:
    assert lexing.tokens(f"f({literal})", comments=False) == ["f", "(", literal, ")"]


def test_a_list_in_one_line_or_in_many_has_the_same_tokens() -> None:
    one, many = "f(a, b)", "f(\n\ta,\n\tb,\n)"
    assert lexing.tokens(one, comments=True) == lexing.tokens(many, comments=True)


def test_an_empty_text_has_no_tokens() -> None:
    assert lexing.tokens("", comments=True) == []


def test_calls_are_listed_once_without_declarations_and_keywords() -> None:
    code = "func (s *S) Run(x int) { if (x > 0) { s.stop(); g(g(1)) }; go func() {}() }"
    assert lexing.called(lexing.tokens(code, comments=False)) == ["stop", "g"]


@given(st.text())
def test_any_text_is_cut_without_losing_a_character_but_white_space(text: str) -> None:
    bare = "".join(match[0] for match in lexing.TOKEN.finditer(text))
    assert bare == text


@pytest.mark.parametrize("piece", ["/*", "`", '"', "'", '"\\', "/", "a", "\x00", "(", "//"])
def test_time_is_linear_in_what_never_ends(piece: str) -> None:
    start = time.process_time()
    lexing.tokens(piece * 500_000, comments=True)
    assert time.process_time() - start < 5
