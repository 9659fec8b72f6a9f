"""Signatures tell how alike texts are."""

import hashlib

import near_copies
import numpy as np
import pytest

from codekiln.clean_corpus.signatures import SIZE, fingerprints, likeness


@pytest.mark.parametrize("wanted", [0.0, 0.3, 0.6, 0.8, 0.9, 1.0])
def test_the_likeness_that_signatures_tell_is_the_true_one_on_average(wanted: float) -> None:
    chance = near_copies.chance(7)
    pairs = []
    for _ in range(60):
        lines = near_copies.text(chance, 101)
        other = near_copies.text(chance, 101) if not wanted else lines
        pairs.append((lines, near_copies.copy(chance, other, wanted) if wanted else other))
    texts = ["\n".join(side).encode() for pair in pairs for side in pair]
    near = fingerprints(texts).near
    told = likeness(near[::2], near[1::2])
    true = np.array([near_copies.likeness(*pair) for pair in pairs])
    assert abs(float((told - true).mean())) < 0.02
    assert float(np.abs(told - true).max()) < 0.15


def test_too_few_lines_have_no_signature_but_are_still_equal_or_not() -> None:
    prints = fingerprints([b"a\nb", b" a\n\n b", b"a\nc"])
    assert not prints.near.any()
    assert prints.exact[0] == prints.exact[1] != prints.exact[2]


def test_where_a_text_is_too_short_more_of_it_may_tell_it_from_others() -> None:
    prints = fingerprints([b"a"] * 4, {1: b"x\na", 2: b"y\na", 3: b"x\na"})
    assert prints.exact[1] == prints.exact[3]
    assert len(set(prints.exact.tolist())) == 3


def test_signatures_are_those_that_the_index_holds_already() -> None:
    # A change here makes every index unreadable: change signatures.FORMAT with it.
    text = "\n".join(f"line {number}" for number in range(40)).encode()
    prints = fingerprints([text])
    assert prints.near.shape == (1, SIZE)
    told = hashlib.sha256(prints.near.tobytes() + prints.exact.tobytes()).hexdigest()
    assert told == "7a0c51a1f3eb503d454e7c17de3c2c4321a8abfd0d0eb6f0b522e52e9521d5dc"


def test_a_text_has_the_same_signature_whatever_stands_beside_it() -> None:
    chance = near_copies.chance(3)
    texts = ["\n".join(near_copies.text(chance, n)).encode() for n in (3, 9, 40, 1, 0, 17)]
    together = fingerprints(texts)
    for place, text in enumerate(texts):
        alone = fingerprints([text])
        assert (together.near[place] == alone.near[0]).all()
        assert together.exact[place] == alone.exact[0]
