import functools
from pathlib import Path

import pytest
import small_tokenizers
from hypothesis import given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from codekiln.core.errors import InputError
from codekiln.core.tokens import sections
from codekiln.core.tokens import sentences as sentences_module
from codekiln.core.tokens.sections import CONTROLS, SYMBOLS
from codekiln.core.tokens.sentences import MODEL, Sentences

WILD = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("\t\n\r {}()<|/>_019\u2581\u2585")
    )
)
PROSE = st.lists(
    st.one_of(
        WILD,
        st.sampled_from(["func ", "\n\t\t", "  ", " := ", "<0x0A>", "err", *CONTROLS, *SYMBOLS]),
    )
).map("".join)


@functools.cache
def plain() -> SentencePieceProcessor:
    return SentencePieceProcessor(model_proto=small_tokenizers.model())


@given(PROSE)
def test_a_text_without_markers_comes_back_and_none_of_its_ids_is_a_marker_or_control(
    text: str,
) -> None:
    loaded = small_tokenizers.sentences()
    text = sections.plain(text)
    [ids] = loaded.encode([text])
    assert loaded.decode(ids) == text
    reserved = {loaded.id_of(one) for one in (*CONTROLS, *SYMBOLS)}
    assert not reserved & {*ids}


@given(PROSE)
def test_ids_are_those_of_sentencepiece_itself(text: str) -> None:
    text = text.replace("\u2581", "")
    assert small_tokenizers.sentences().encode([text]) == [plain().encode(text)]


def test_a_control_that_people_wrote_is_text_and_a_marker_is_one_token() -> None:
    loaded = small_tokenizers.sentences()
    [ids] = loaded.encode(["<|eos|><|plan|>"])
    assert ids[-1] == loaded.id_of("<|plan|>")
    assert loaded.decode(ids) == "<|eos|><|plan|>"
    assert (loaded.unknown, loaded.bos, loaded.eos, loaded.pad) == (0, 1, 2, 3)
    assert [loaded.id_of(one) for one in CONTROLS] == [0, 1, 2, 3]
    assert all(loaded.encode([one]) == [[loaded.id_of(one)]] for one in SYMBOLS)
    with pytest.raises(KeyError):
        loaded.id_of("<|commit|>")


def test_decoding_leaves_controls_out_and_writes_markers() -> None:
    loaded = small_tokenizers.sentences()
    ids = [loaded.bos, loaded.id_of("<|code|>"), *loaded.encode(["x := 1\n"])[0], loaded.eos, 3, 0]
    assert loaded.decode(ids) == "<|code|>x := 1\n"


def test_the_sign_that_stands_for_a_space_is_spelled_in_bytes() -> None:
    loaded = small_tokenizers.sentences()
    [ids] = loaded.encode(["\u2581"])
    assert len(ids) == 3
    assert all(map(loaded.is_byte, ids))
    assert loaded.encode(["a \u2581b"]) != loaded.encode(["a  b"])


def test_words_that_are_no_longer_kept_get_the_same_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = small_tokenizers.package("errors")
    kept = small_tokenizers.sentences().encode(texts)
    monkeypatch.setattr(sentences_module, "MOST_KEPT", 1000)
    loaded = Sentences(small_tokenizers.model())
    assert [loaded.encode([text])[0] for text in texts] == kept


@pytest.mark.parametrize(
    ("marker", "becomes", "says"),
    [
        (b"<|revise|>", b"<|reword|>", "<|revise|> is not one token"),
        (b"<|bos|>", b"<|BOS|>", "its first pieces are"),
        (b"<0x0A>", b"<0x0G>", "changes texts|no piece for each byte|no SentencePiece model"),
    ],
)
def test_a_tokenizer_with_other_pieces_is_refused(
    tmp_path: Path, marker: bytes, becomes: bytes, says: str
) -> None:
    (tmp_path / MODEL).write_bytes(small_tokenizers.model().replace(marker, becomes))
    with pytest.raises(InputError, match=says.replace("<|revise|>", r"<\|revise\|>")):
        Sentences.load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no model at all"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no SentencePiece model"):
        Sentences(data)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no tokenizer\.model"):
        Sentences.load(tmp_path)
