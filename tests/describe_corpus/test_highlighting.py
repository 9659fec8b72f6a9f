import pytest

from codekiln.describe_corpus import highlighting


def test_each_piece_of_go_has_its_class() -> None:
    found = dict.fromkeys(highlighting.pieces('func f() { return "x" // why\n}'))
    assert {("k", "func"), ("s", '"x"'), ("c", "// why")} <= found.keys()


@pytest.mark.parametrize(
    "code", ["", "x", "\n\n", "}{ `\x7f 日本 <b>", "  if x {\n\n    y()\n\n\n"]
)
def test_pieces_are_all_of_the_text(code: str) -> None:
    assert "".join(text for _, text in highlighting.pieces(code)).rstrip("\n") == code.rstrip("\n")
