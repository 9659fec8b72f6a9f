from codekiln.core.corpus.example_source import Part
from codekiln.train_tokenizer.turns import turns


def test_small_files_are_read_together_and_none_is_left_out() -> None:
    parts = [Part(str(number), rows) for number, rows in enumerate((1, 2, 9, 1, 1))]
    made = turns(parts, 3)
    assert [[part.place for part in turn.parts] for turn in made] == [["0", "1"], ["2"], ["3", "4"]]
    assert [turn.number for turn in made] == [0, 1, 2]
    assert [turn.rows for turn in made] == [3, 9, 2]
    assert turns([], 3) == []
