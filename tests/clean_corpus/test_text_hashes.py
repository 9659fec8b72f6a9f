"""Hashes of pieces of text, all at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from codekiln.clean_corpus.text_hashes import BASE, Pieces, batches, joined, mixed

WORD = 1 << 64


def slowly(piece: bytes) -> int:
    value = sum(byte * pow(BASE, place, WORD) for place, byte in enumerate(piece)) % WORD
    return int(mixed(np.array([value], np.uint64))[0])


@given(st.binary(max_size=60), st.data())
def test_the_hash_of_a_piece_is_its_polynomial_wherever_it_stands(
    text: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    pieces = Pieces(np.frombuffer(text, np.uint8))
    [found] = pieces.hashes(np.array([start]), np.array([stop]))
    assert int(found) == slowly(text[start:stop])


def test_joined_texts_end_where_they_are_told_to() -> None:
    data, ends = joined([b"ab", b"", b"c"])
    assert bytes(data) == b"ab\n\nc\n"
    assert ends.tolist() == [3, 4, 6]


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20))
def test_every_text_is_in_one_batch_and_only_single_ones_are_too_large(
    texts: list[bytes], size: int
) -> None:
    runs = list(batches(texts, size))
    assert [place for start, stop in runs for place in range(start, stop)] == [*range(len(texts))]
    for start, stop in runs:
        assert stop - start == 1 or sum(map(len, texts[start:stop])) <= size
