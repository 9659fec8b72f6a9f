from collections import Counter
from pathlib import Path

import pytest
from example_folders import built, example
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.corpus import example_source
from codekiln.train_tokenizer import sample
from codekiln.train_tokenizer.sample import CHUNK, Drawing
from codekiln.train_tokenizer.turns import Turn, turns


def test_sections_and_repositories_get_as_much_as_each_other_and_what_is_left_goes_on() -> None:
    sizes = {("code", "a"): 900, ("code", "b"): 100, ("plan", "a"): 50, ("plan", "b"): 0}
    shares = sample.shares(sizes, 450)
    dealt = {group: round(share * sizes[group]) for group, share in shares.items()}
    assert dealt == {("plan", "a"): 50, ("code", "b"): 100, ("code", "a"): 300}


@given(
    st.dictionaries(st.tuples(st.sampled_from("xyz"), st.text(max_size=2)), st.integers(0, 10**6)),
    st.integers(0, 10**6),
)
def test_as_much_is_dealt_as_was_asked_for_or_is_there(
    sizes: dict[tuple[str, str], int], most: int
) -> None:
    shares = sample.shares(sizes, most)
    dealt = sum(share * sizes[group] for group, share in shares.items())
    assert dealt == pytest.approx(min(most, sum(sizes.values())))
    assert all(share <= 1 for share in shares.values())


@given(st.text("ab\n", max_size=3 * CHUNK), st.integers(0, 2 * CHUNK))
def test_chunks_are_the_text_again_and_end_with_a_line_where_they_can(text: str, more: int) -> None:
    text += "x" * more
    found = list(sample.chunks(text))
    assert "".join(found) == text
    assert all(0 < len(one) <= CHUNK for one in found)
    assert all(one.endswith("\n") or "\n" not in one for one in found[:-1])


def turn(folder: Path) -> Turn:
    some = [
        example(n, repository_id=f"R_{n % 10 // 9}", id=f"{n:032x}", title="é" * 50, details="")
        for n in range(400)
    ]
    [made] = turns(example_source.source(built(folder, some)).parts, 1)
    return made


def drawn(one: Turn, folder: Path, seed: int = 1, most: int = 100_000) -> tuple[bytes, Drawing]:
    drawing = Drawing(one, sample.shares(sample.measure(one), most), seed, folder / f"{seed}.jsonl")
    sample.draw(drawing)
    return drawing.path.read_bytes(), drawing


def test_the_same_seed_draws_the_same_texts_and_another_others(tmp_path: Path) -> None:
    one = turn(tmp_path)
    assert drawn(one, tmp_path)[0] == drawn(one, tmp_path)[0]
    assert drawn(one, tmp_path)[0] != drawn(one, tmp_path, seed=2)[0]


def test_about_as_much_is_drawn_as_was_asked_for_of_each_section_and_repository(
    tmp_path: Path,
) -> None:
    one = turn(tmp_path)
    drawing = drawn(one, tmp_path, most=60_000)[1]
    counted = sample.draw(drawing)
    # There is less than a fourth of it in problems and plans; context and code share the rest.
    sizes = sample.measure(one)
    assert counted.sections["problem"] == sizes["problem", "R_0"] + sizes["problem", "R_1"]
    assert counted.sections.total() == pytest.approx(60_000, rel=0.15)
    read = "".join(sample.read([drawing.path]))
    assert counted.letters == Counter(read)


def test_rare_letters_are_left_out_and_equally_rare_ones_are_treated_alike() -> None:
    letters = {"a": 90, "b": 8, "c": 1, "d": 1}
    assert sample.common(letters, 0.97) == {"a", "b"}
    assert sample.common(letters, 0.985) == {"a", "b", "c", "d"}
    assert sample.common(letters, 1.0) == {*letters}
    assert sample.common({}, 1.0) == set()
