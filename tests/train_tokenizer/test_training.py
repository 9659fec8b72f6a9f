import hashlib
import subprocess
import sys

import pytest
import small_tokenizers

from codekiln.core.errors import InputError
from codekiln.core.tokens.sections import CONTROLS, SYMBOLS
from codekiln.core.tokens.sentences import Sentences
from codekiln.train_tokenizer.training import LETTERS, Rules, cut, learned, train

GO = "func f() {\n\t\treturn 1024\n}\n"


def rules(vocab_size: int = 400, letters: str = "", *, split_digits: bool = True) -> Rules:
    return Rules(vocab_size, frozenset(letters), split_digits)


def test_ends_of_lines_and_tabs_become_part_of_pieces() -> None:
    pieces = {piece.text for piece in small_tokenizers.sentences().pieces()}
    assert {"\n\t", "\n\t\t", ")\n\t", "\u2581{\n\t", "\u2581\u2581"} <= pieces


def test_controls_come_first_then_markers_then_bytes() -> None:
    pieces = [piece.text for piece in small_tokenizers.sentences().pieces()]
    first = (*CONTROLS, *SYMBOLS)
    assert pieces[: len(first)] == [*first]
    bytes_ = pieces[len(first) : len(first) + 256]
    assert bytes_ == [f"<0x{byte:02X}>" for byte in range(256)]


def test_a_small_corpus_gives_a_small_vocabulary_and_any_text_still_comes_back() -> None:
    loaded = Sentences(train(["ab"] * 9, rules(16_384)))
    assert loaded.vocab_size < 1000
    text = "any text: é \u2581\t\0\n  \n"
    assert loaded.decode(loaded.encode([text])[0]) == text


@pytest.mark.parametrize("split", [True, False])
def test_digits_are_split_if_that_is_asked_for(split: bool) -> None:
    loaded = Sentences(train([GO] * 9, rules(600, split_digits=split)))
    [ids] = loaded.encode(["1024"])
    assert (len(ids) == 4) == split


def test_letters_that_are_not_learned_are_spelled_in_bytes_and_cut_words() -> None:
    chunks = ["für é\u2585x\u2581y"]
    letters = learned("ü\u2581\u2585")
    assert list(cut(chunks, letters))[1:] == ["für ", "x", "y"]
    loaded = Sentences(train(chunks * 9, rules(letters="ü")))
    known = {piece.text for piece in loaded.pieces()}
    assert "ü" in known
    assert "é" not in known


def test_a_vocabulary_that_letters_alone_fill_is_refused() -> None:
    letters = "".join(map(chr, range(0x4E00, 0x4F00)))
    with pytest.raises(
        InputError, match=r"vocab_size is 512, and 6\d\d are taken .* 3\d\d letters"
    ):
        train([letters], rules(512, letters))


def test_all_printable_letters_have_a_piece_even_where_no_text_has_them() -> None:
    known = {piece.text for piece in Sentences(train(["ab"] * 9, rules())).pieces()}
    assert {letter.replace(" ", "\u2581") for letter in LETTERS} <= known


def test_another_process_makes_the_same_bytes() -> None:
    program = "import hashlib, small_tokenizers as s; " + (
        "print(hashlib.sha256(s.trained(s.package('sort'), 1000)).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)},
    ).stdout  # fmt: skip
    here = small_tokenizers.trained(small_tokenizers.package("sort"), 1000)
    assert told.strip() == hashlib.sha256(here).hexdigest()
