"""JSON from whatever came."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.github.documents import NoDocumentError, message, one_line, parse


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"<html>Unicorn!</html>", "HTML"),
        (b"oops", "text that is no JSON"),
        (b'[{"number": 7}, {"num', "truncated JSON"),
        (b'{"a": "\xff"}', "truncated JSON"),
        (b"[" * 100_000, "truncated JSON"),
    ],
)
def test_what_is_no_document_is_named(body: bytes, what: str) -> None:
    with pytest.raises(NoDocumentError, match=what):
        parse(body)


def test_half_a_character_does_not_reach_the_records() -> None:
    assert parse(b'{"title": "a \\ud83d b \\ud83d\\ude00"}') == {"title": "a ? b \U0001f600"}


def test_a_message_for_a_log_is_one_short_printable_line() -> None:
    assert message({"message": "two\nlines \x1b[31mred"}) == "two lines ?[31mred"
    assert message({"message": {"not": "text"}}) == "{'not': 'text'}"
    assert message(["no", "message"]) == ""
    assert len(one_line("x" * 10_000)) == 200


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(body: bytes) -> None:
    with contextlib.suppress(NoDocumentError):
        parse(body)
