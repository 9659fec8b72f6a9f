from collections import Counter
from pathlib import Path

from codekiln.core.corpus import example_source, examples
from codekiln.describe_corpus import draws
from codekiln.describe_corpus.card import Folders


def test_a_seed_draws_the_same_examples_each_time_and_another_others(left: Folders) -> None:
    source = example_source.source(left.cleaned)
    ids = [[one.id for one in draws.drawn(source, 6, seed)] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
    order = [one.id for one in examples.read(left.cleaned)]
    assert ids[0] == [one for one in order if one in ids[0]]


def test_no_more_are_drawn_than_there_are(left: Folders) -> None:
    source = example_source.source(left.cleaned)
    assert len(draws.drawn(source, 1000, 1)) == source.rows


def test_two_rejects_of_each_reason_are_shown_and_all_are_counted(left: Folders) -> None:
    assert left.rejects is not None
    found = draws.rejects(left.rejects, seed=1)
    shown = Counter(one.reason for one in found.shown)
    assert shown == {"near duplicate": 2, "license not allowed": 2, "contaminated": 1}
    assert found.written["near duplicate"] == 4
    assert found.benchmarks == {"HumanEval": 1}


def test_where_nothing_was_written_out_nothing_is_shown(tmp_path: Path) -> None:
    assert draws.rejects(tmp_path, seed=1).shown == []
