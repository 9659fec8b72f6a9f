"""transformers gives the ids that SentencePiece gives, whatever the text."""

import functools
import random
from pathlib import Path

import pytest
import small_tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from codekiln.core.tokens.sections import CONTROLS, SYMBOLS
from codekiln.core.tokens.sentences import SPACE, Sentences
from codekiln.train_tokenizer import fast_tokenizer

GO_FILES = 320


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tokenizer")
    fast_tokenizer.write(made, small_tokenizers.sentences())
    return made


@functools.cache
def fast() -> Tokenizer:
    return fast_tokenizer.tokenizer_of(small_tokenizers.sentences())


def ids_of(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


def pieces() -> st.SearchStrategy[str]:
    known = [piece.text.replace(SPACE, " ") for piece in small_tokenizers.sentences().pieces()]
    return st.sampled_from([one for one in known if one not in CONTROLS])


@given(
    st.lists(
        st.one_of(
            st.deferred(pieces),
            st.text(st.characters(exclude_categories=["Cs"])),
            st.text("\t\n {}"),
            st.text("=- *"),
            st.sampled_from(SYMBOLS),
        )
    ).map("".join)
)
def test_wild_texts_have_the_same_ids_and_come_back(text: str) -> None:
    [ids] = small_tokenizers.sentences().encode([text])
    assert ids_of(fast(), text) == ids
    assert fast().decode(ids, skip_special_tokens=False) == text


def test_go_files_have_the_same_ids_in_transformers_and_come_back(folder: Path) -> None:
    loaded = AutoTokenizer.from_pretrained(str(folder))
    assert loaded.is_fast
    texts = list(small_tokenizers.go_files(GO_FILES))
    assert len(texts) >= 200
    ids = small_tokenizers.sentences().encode(texts)
    assert loaded(texts, add_special_tokens=False).input_ids == ids
    assert loaded.batch_decode(ids) == texts


@pytest.mark.parametrize("letters", ["ab", "\t\n", "=- "])
def test_runs_that_repeat_are_joined_from_the_left_as_sentencepiece_does(letters: str) -> None:
    chance = random.Random(letters)  # noqa: S311 -- nothing is kept secret
    texts = [repeating(chance, letters) for _ in range(400)]
    sentences = Sentences(small_tokenizers.trained(texts, 420))
    tokenizer = fast_tokenizer.tokenizer_of(sentences)
    some = [repeating(chance, letters) for _ in range(400)]
    assert [ids_of(tokenizer, text) for text in some] == sentences.encode(some)


def repeating(chance: random.Random, letters: str) -> str:
    parts = ("".join(chance.choices(letters, k=chance.randint(1, 4))) for _ in range(6))
    return "".join(part * chance.randint(1, 9) for part in parts)


def test_a_text_begins_with_bos_unless_told_otherwise_and_markers_stay_when_read(
    folder: Path,
) -> None:
    loaded = AutoTokenizer.from_pretrained(str(folder))
    told = (loaded.unk_token_id, loaded.bos_token_id, loaded.eos_token_id, loaded.pad_token_id)
    assert told == (0, 1, 2, 3)
    assert len(loaded) == small_tokenizers.sentences().vocab_size
    ids = loaded("<|plan|>x<|eos|>").input_ids
    assert ids[0] == loaded.bos_token_id
    assert ids[-1] == loaded.eos_token_id
    assert loaded.decode(ids, skip_special_tokens=True) == "<|plan|>x"
    for marker in (*CONTROLS, *SYMBOLS):
        [one] = loaded(marker, add_special_tokens=False).input_ids
        assert one == small_tokenizers.sentences().id_of(marker)
