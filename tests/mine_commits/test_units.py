import pytest

from codekiln.mine_commits.units import count, unit_of


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("README.md", "."),
        ("server/a/b.go", "server"),
        ("crates/parser/src/lib.rs", "crates/parser"),
        ("packages/package.json", "packages"),
        ("src/requests/api.py", "src/requests"),
    ],
)
def test_a_unit_is_the_first_folder_or_one_of_many_side_by_side(path: str, unit: str) -> None:
    assert unit_of(path) == unit


def test_the_fullest_unit_comes_first() -> None:
    assert count(["a", "b/1", "b/2", "c/1"]) == [("b", 2), (".", 1), ("c", 1)]
