"""A line of four commits, one of which merges a fifth beside it, and a sixth that none contains."""

from codekiln.core.git.first_parents import BESIDE, down_from, drawn

PARENTS = [(), (0,), (0,), (1, 2), (3,), (2,)]


def test_the_line_follows_first_parents_to_the_root() -> None:
    assert down_from(4, PARENTS) == [4, 3, 1, 0]


def test_a_place_is_that_on_the_line_and_under_is_the_first_that_contains_it() -> None:
    line = drawn([4, 3, 1, 0], PARENTS)
    assert list(line.place) == [0, 1, BESIDE, 2, 3, BESIDE]
    assert list(line.under) == [0, 1, 2, 2, 3, 4]


def test_no_commits_make_an_empty_line() -> None:
    assert list(drawn([], []).place) == []
