"""Pairs of neighboring lines."""

from codekiln.clean_corpus.shingles import equality, lines, shingles

TEXT = b"func F() {\n\treturn 1\n}\n"


def test_a_text_of_n_lines_has_one_shingle_less() -> None:
    found, counts = shingles(lines([TEXT, b"one line", b"", b"a\nb"]))
    assert counts.tolist() == [2, 0, 0, 1]
    assert len(found) == 3


def test_white_space_and_empty_lines_make_no_difference() -> None:
    same = b"\r\n\nfunc  F()\t{\r\n\n        return  1 \r\n\r\n}"
    found, counts = shingles(lines([TEXT, same]))
    assert counts.tolist() == [2, 2]
    assert found[:2].tolist() == found[2:].tolist()


def test_the_order_of_lines_makes_a_difference() -> None:
    found, _ = shingles(lines([b"a\nb", b"b\na", b"ab\n\n"]))
    assert len(set(found.tolist())) == 2


def test_no_shingle_reaches_into_the_next_text() -> None:
    together, _ = shingles(lines([b"a\nb", b"c\nd"]))
    alone = [shingles(lines([text]))[0].tolist() for text in (b"a\nb", b"c\nd")]
    assert together.tolist() == [*alone[0], *alone[1]]


def test_texts_of_the_same_lines_are_equal_others_are_not() -> None:
    texts = [b"a\nb", b" a \n\n\tb\r\n", b"b\na", b"ab", b"a\nb\nb", b"", b"\n \n"]
    found = equality(lines(texts)).tolist()
    assert found[0] == found[1]
    assert found[5] == found[6]
    assert len(set(found)) == 5


def test_lines_are_counted_for_each_text() -> None:
    assert lines([b"", b"a\n\nb", b"\n", b"c"]).counts.tolist() == [0, 2, 0, 1]
    assert lines([]).counts.tolist() == []
