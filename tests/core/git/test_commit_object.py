import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.git.commit_object import ident, moment, parse
from codekiln.core.git.decoding import decoded


@pytest.mark.parametrize(
    ("line", "name", "email"),
    [
        (b"Ann <a@b> 1 +0000", "Ann", "a@b"),
        (b"Two <a@b> <c@d> 1 +0000", "Two", "a@b"),
        (b"nobody", "nobody", ""),
        (b"<a@b> 1 +0000", "", "a@b"),
        (b"A\0nn\t <a@b> 1 +0000", "Ann", "a@b"),
    ],
)
def test_an_author_line_gives_name_and_address_or_what_there_is(
    line: bytes, name: str, email: str
) -> None:
    read = ident(line, "")
    assert (read.name, read.email) == (name, email)


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [(b"+0530", 330), (b"-0330", -210), (b"+1400", 840), (b"+9999", 0), (b"UTC", 0), (b"", 0)],
)
def test_a_zone_on_earth_has_an_offset_and_another_has_none(zone: bytes, minutes: int) -> None:
    assert moment(b" 1700000000 " + zone).offset_minutes == minutes


def test_a_message_begins_after_the_first_empty_line_whatever_it_holds() -> None:
    read = parse(b"tree 1\nauthor A <a> 1 +0000\n\nsubject\n\nauthor B <b> 2 +0000\n", 100)
    assert read.author.name == "A"
    assert read.message.startswith("subject\n\nauthor B")


def test_a_signature_over_many_lines_is_no_header_of_its_own() -> None:
    read = parse(b"tree 1\ngpgsig -----BEGIN\n author E <e> 1 +0000\n\nm", 45)
    assert read.is_signed
    assert read.author.name == ""


@given(
    st.binary(max_size=60), st.sampled_from(["", "utf-16", "utf-7", "hex", "idna", "\0", "x" * 99])
)
def test_any_bytes_in_any_encoding_become_text_that_utf8_holds(data: bytes, encoding: str) -> None:
    decoded(data, encoding).encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_a_commit(data: bytes) -> None:
    parse(data, len(data) + 1).message.encode("utf-8")
