"""One repository has one id, however GitHub spells it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.corpus.node_ids import canonical, number_of
from codekiln.fake_github import node_ids


def legacy(number: int) -> str:
    """Return the node id of a repository as GitHub wrote it until 2021."""
    return base64.b64encode(f"010:Repository{number}".encode()).decode("ascii")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MDEwOlJlcG9zaXRvcnkx", "R_kgAB"),
        ("MDEwOlJlcG9zaXRvcnk5OTk=", "R_kgDNA-c"),
        ("MDEwOlJlcG9zaXRvcnkxMzM3", "R_kgDNBTk"),
        ("MDEwOlJlcG9zaXRvcnkyMzI1Mjk4", "R_kgDOACN7Mg"),
        ("MDEwOlJlcG9zaXRvcnkyMzI1Mjk4==", "R_kgDOACN7Mg"),
    ],
)
def test_an_id_of_the_old_kind_becomes_the_new_one(old: str, new: str) -> None:
    assert canonical(old) == new


@given(st.integers(min_value=0, max_value=10**19 - 1))
def test_both_kinds_hold_the_same_number_and_become_one(number: int) -> None:
    new = canonical(legacy(number))
    assert canonical(new) == new
    assert number_of(new) == number_of(legacy(number)) == number


@given(st.integers(min_value=1 << 16, max_value=(1 << 63) - 1))
def test_the_new_kind_is_what_github_writes(number: int) -> None:
    assert canonical(legacy(number)) == node_ids.encode("R", number)


@given(st.text().filter(lambda word: not word.startswith("MDEwOlJlcG9zaXRvcnk")))
@pytest.mark.parametrize("beginning", ["", "R_", "R_kgDO", "acme/"])
def test_any_other_word_stays_as_it_is(beginning: str, text: str) -> None:
    assert canonical(beginning + text) == beginning + text


@pytest.mark.parametrize("word", ["", "acme/widgets", "R_", "R_kg", "R_kgA", "MDQ6VXNlcjE="])
def test_what_is_no_id_of_a_repository_has_no_number(word: str) -> None:
    assert number_of(word) is None
