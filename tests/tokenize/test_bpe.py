from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2Tokenizer

from codekiln.tokenize import bpe, markers

TOKENIZER = bpe.train(["def f(x):\n\treturn x\n", "class A:\n    pass\n"] * 8, 320)


def ids(text: str) -> list[int]:
    return next(bpe.encode(TOKENIZER, [text]))


def test_every_marker_is_one_token() -> None:
    assert [len(ids(marker)) for marker in markers.ALL] == [1] * len(markers.ALL)


@given(st.text())
def test_every_text_comes_back_as_it_was(text: str) -> None:
    text = markers.remove(text.encode(errors="replace").decode())
    assert TOKENIZER.decode(ids(text), clean_up_tokenization_spaces=False) == text


def test_what_is_saved_loads_with_the_same_ids(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(str(tmp_path))
    loaded = GPT2Tokenizer.from_pretrained(str(tmp_path))
    text = f"{markers.COMMIT}def f(x): return 'é\t'{markers.END}"
    assert loaded(text)["input_ids"] == ids(text)
    assert (loaded.pad_token, loaded.eos_token) == (markers.PAD, markers.END)
