from collections.abc import Sequence
from pathlib import Path

import pytest
import small_tokenizers
from example_folders import built, example

from codekiln.core.corpus import example_source
from codekiln.core.errors import InputError
from codekiln.core.tokens import sections
from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.train_tokenizer import fertility, round_trip
from codekiln.train_tokenizer.round_trip import Trip
from codekiln.train_tokenizer.turns import turns

SOME = [example(n, details="Grüße \u2581\0 <|plan|>", before="\t\tx  y\r\n") for n in range(70)]


def trip(folder: Path) -> Trip:
    [turn] = turns(example_source.source(built(folder, SOME)).parts, 100)
    (folder / MODEL).write_bytes(small_tokenizers.model())
    return Trip(turn, folder)


def test_all_texts_are_counted_by_section(tmp_path: Path) -> None:
    found = round_trip.make(trip(tmp_path))
    assert found.examples == 70
    texts = [sections.texts(one) for one in SOME]
    for section, tally in found.tallies.items():
        told = [one[section] for one in texts]
        assert tally.texts == 70
        assert tally.characters == sum(map(len, told))
        assert tally.bytes == sum(len(one.encode()) for one in told)
        assert tally.tokens == sum(map(len, small_tokenizers.sentences().encode(told)))


def test_a_text_that_is_changed_ends_it_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(self: Sentences, ids: Sequence[int]) -> str:
        return right(self, ids).replace("ü", "u")

    right = Sentences.decode
    monkeypatch.setattr(Sentences, "decode", wrong)
    with pytest.raises(InputError) as told:
        round_trip.make(trip(tmp_path))
    where = "(acme/store #0) at character 10"
    assert f"the problem of example {SOME[0].id} {where}" in str(told.value)
    assert "'Fix it\\n\\nGrüße \u2581\\x00 ' becomes 'Fix it\\n\\nGruße \u2581" in str(told.value)


def test_fertility_tells_each_section_and_all(tmp_path: Path) -> None:
    loaded = small_tokenizers.sentences()
    found = round_trip.make(trip(tmp_path))
    told = fertility.document(loaded, found.tallies, {"code": 5})
    assert told["vocabulary"] == loaded.vocab_size
    assert told["all"]["tokens"] == sum(one["tokens"] for one in told["sections"].values())
    problem = told["sections"]["problem"]
    # Three bytes of the sign and one of NUL in each of 70 problems.
    assert problem["byte_tokens"] >= 4 * 70
    assert problem["characters_per_token"] == round(problem["characters"] / problem["tokens"], 4)
    assert told["sections"]["code"]["byte_token_share"] == 0
    assert 0 < told["pieces_used"] < loaded.vocab_size
    assert told["trained_on"] == {"code": 5}
