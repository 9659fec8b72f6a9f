import io

import pytest

from codekiln.core.git import buffer
from codekiln.core.git.buffer import Buffer, Ended


class Slow(io.BytesIO):
    """A pipe that gives a few bytes at a time."""

    def readinto(self, into: object) -> int:
        assert isinstance(into, memoryview)
        return super().readinto(into[:5])


def reading(data: bytes) -> Buffer:
    return Buffer(Slow(data))  # type: ignore[arg-type]  # BytesIO stands for a raw pipe


def test_what_comes_next_is_taken_or_stays() -> None:
    read = reading(b"one two")
    assert read.has(b"one ")
    read.take(b"one ")
    assert not read.has(b"three")
    with pytest.raises(Ended):
        read.take(b"two!")


def test_what_is_small_comes_at_once_up_to_its_mark() -> None:
    read = reading(b"a\nb\nc\nMARK\nd")
    assert list(read.before(b"\nMARK", b"\n", longest=9)) == [b"a\nb\nc"]
    assert read.has(b"\nMARK\n")


def test_what_is_large_comes_in_pieces_that_begin_with_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buffer, "LARGE", 4)
    lines = [b"\nline %d" % number for number in range(20)]
    pieces = list(reading(b"".join(lines) + b"\nMARK").before(b"\nMARK", b"\n", longest=99))
    assert b"".join(pieces) == b"".join(lines)
    assert all(piece.startswith(b"\nline") for piece in pieces if piece)
    assert len(pieces) > 5


@pytest.mark.parametrize(("longest", "longest_piece"), [(8, 10), (1000, 101)])
def test_only_a_stretch_without_end_is_cut(
    monkeypatch: pytest.MonkeyPatch, longest: int, longest_piece: int
) -> None:
    monkeypatch.setattr(buffer, "LARGE", 4)
    data = b"\nshort\n" + b"x" * 100
    pieces = list(reading(data + b"\nMARK").before(b"\nMARK", b"\n", longest))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) == longest_piece


def test_a_mark_that_never_comes_is_told() -> None:
    with pytest.raises(Ended):
        list(reading(b"a\nb").before(b"\nMARK", b"\n", longest=9))


@pytest.mark.parametrize("data", [b"a\nb\n", b"a\nb"])
def test_the_end_of_all_is_a_mark_too_with_or_without_a_stop_before_it(data: bytes) -> None:
    assert list(reading(data).before(None, b"\n", longest=9)) == [b"a\nb"]
