"""Survivors, duplicates and files over all passes."""

from collections.abc import Sequence
from pathlib import Path

import example_folders
import pytest

from codekiln.clean_corpus import cleaning
from codekiln.clean_corpus.cleaning import Index, Screening
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.survivors import Passed, printed
from codekiln.core.corpus import examples
from codekiln.core.corpus.example_source import source
from codekiln.core.corpus.examples import REJECTS, Example

LIMITS = Limits(code=1 << 20, context=1 << 20, details=1 << 20)


def passed(scratch: Path, rejects: Rejects, some: Sequence[Example]) -> Passed:
    folder = example_folders.built(scratch / "in", some)
    using = Screening(Screen((), None, Masker(b"k")), LIMITS, scratch)
    return cleaning.screen(cleaning.files_of(source(folder).parts), using, rejects, lambda *_: None)


def cleaned(folder: Path, some: Sequence[Example], index: Index | None = None) -> list[Example]:
    """Clean some examples; return those that stay."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    with Rejects(folder / "out", 9) as rejects:
        through = passed(folder, rejects, some)
        decided = cleaning.decide(through, 0.8, index, folder)
        cleaning.publish(through, decided.found, folder / "out", rejects)
    stays = list(examples.read(folder / "out"))
    [told] = through.tallies
    assert (
        len(stays)
        == told["kept"]
        == len(some) - sum(many for name, many in told.items() if name.startswith("dropped_"))
    )
    return stays


def test_of_two_equal_examples_the_earliest_merged_stays_then_the_lower_id(tmp_path: Path) -> None:
    code = example_folders.function(1)
    some = [
        example_folders.example(3, code),
        example_folders.example(2, code, id="b"),
        example_folders.example(2, code, id="a"),
    ]
    assert cleaned(tmp_path, some) == [some[2]]


def test_those_that_stay_come_in_the_order_they_came_in(tmp_path: Path) -> None:
    some = [example_folders.example(number) for number in (5, 1, 9, 3)]
    assert cleaned(tmp_path, some) == some


def test_rejects_say_which_example_they_repeat(tmp_path: Path) -> None:
    one, other = example_folders.example(1), example_folders.example(2, example_folders.function(1))
    cleaned(tmp_path, [one, other])
    [row] = examples.rows_of(examples.shard(tmp_path / "out", 0, REJECTS))
    assert (row["id"], row["reason"], row["detail"]) == (other.id, "exact duplicate", one.id)


def test_tonight_meets_what_earlier_nights_kept(tmp_path: Path) -> None:
    uri = str(tmp_path / "index")
    first = [example_folders.example(n) for n in range(5)]
    second = [
        example_folders.example(7, example_folders.function(3)),
        example_folders.example(8),
        first[2],
    ]
    assert cleaned(tmp_path / "1", first, Index(uri, "one")) == first
    assert cleaned(tmp_path / "2", second, Index(uri, "two")) == [second[1]]
    assert cleaned(tmp_path / "3", first, Index(uri, "one")) == first, "a night that runs again"


def test_the_output_is_cut_into_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "FILE_ROWS", 1000)
    some = [example_folders.example(number) for number in range(2500)]
    assert cleaned(tmp_path, some) == some
    assert len(examples.shards(tmp_path / "out")) == 3


def test_nothing_gives_a_file_that_can_be_read(tmp_path: Path) -> None:
    assert cleaned(tmp_path, []) == []


def test_short_code_is_a_duplicate_only_if_the_whole_example_is() -> None:
    same = [example_folders.example(n, "return nil\n") for n in (1, 2)]
    other = example_folders.example(3, "return nil\n", before="return err\n")
    prints = printed([*same, other])
    assert prints.exact[0] == prints.exact[1] != prints.exact[2]


def test_long_code_is_a_duplicate_whatever_stands_around_it() -> None:
    code = example_folders.function(1)
    some = [example_folders.example(n, code, before=f"was {n}", title=f"t{n}") for n in (1, 2)]
    prints = printed(some)
    assert prints.exact[0] == prints.exact[1]
