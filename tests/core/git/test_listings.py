from dataclasses import replace
from pathlib import Path

from histories import History, history, text

from codekiln.core.git import listings
from codekiln.core.git.command import Git
from codekiln.core.git.listings import EXACT, RENAMES

CODE = "".join(f"line {n}\n" for n in range(30))


def of(made: History) -> Git:
    return Git(variables={"GIT_DIR": str(made.path)})


def test_what_differs_is_listed_without_looking_into_files(tmp_path: Path) -> None:
    made = history(tmp_path)
    root = made.commit({"a": CODE, "b": "b", "c": "c"})
    head = made.commit(
        {"a": None, "moved": CODE, "b": "B", "c": None, b":odd \xe9": "x"}, "h", [root]
    )
    for blob in ("b", "B"):
        made.remove(made.blob(blob))
    (listing,) = listings.read(of(made), [f"{head} {root}"], 10)
    assert listing is not None
    assert [(row.kind, row.path, row.original_path) for row in listing.rows] == [
        ("A", ":odd \\xe9", None),
        ("M", "b", None),
        ("D", "c", None),
        ("R", "moved", "a"),
    ]


def test_only_so_many_rows_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    made = history(tmp_path)
    root = made.commit({})
    head = made.commit({str(n): str(n) for n in range(9)}, "many", [root])
    (listing,) = listings.read(of(made), [f"{head} {root}"], 2)
    assert listing is not None
    assert (len(listing.rows), listing.count) == (2, 9)


def test_one_that_git_cannot_read_is_none_and_the_others_are_told(tmp_path: Path) -> None:
    made = history(tmp_path)
    root = made.commit({"a": "a"})
    heads = [made.commit({"a": f"{n}"}, f"{n}", [root]) for n in range(4)]
    empty = made.commit({}, "empty", [root])
    made.remove(text(made.path, "rev-parse", f"{heads[1]}^{{tree}}"))
    lines = [f"{head} {root}" for head in (empty, *heads, empty)]
    found = list(listings.read(of(made), lines, 9))
    assert [None if one is None else one.count for one in found] == [0, 1, None, 1, 1, 0]
    assert list(listings.read(of(made), [], 9)) == []


def test_renames_are_found_among_the_paths_asked_for(tmp_path: Path) -> None:
    made = history(tmp_path)
    root = made.commit({"a.go": CODE, "b.md": CODE + "b"})
    head = made.commit({"a.go": None, "c.go": CODE + "c\n", "b.md": None}, "move", [root])
    paths = (RENAMES, "--", ":(glob)**/*.go")
    (found,) = listings.read(of(made), [f"{head} {root}"], 9, paths)
    (exact,) = listings.read(of(made), [f"{head} {root}"], 9, (EXACT, *paths[1:]))
    assert found is not None
    assert exact is not None
    assert [row.kind for row in found.rows] == ["R"]
    assert [row.kind for row in exact.rows] == ["D", "A"]


def test_a_tree_that_unfolds_without_end_is_none_and_the_others_are_told(tmp_path: Path) -> None:
    made = history(tmp_path)
    root = made.commit({"a": "a"})
    heads = [made.commit({"a": "b"}, "b", [root]), made.raw(made.bomb(6), [root], "bomb")]
    lines = [f"{head} {root}" for head in (*heads, heads[0])]
    found = list(listings.read(replace(of(made), diff_bytes=64 << 20), lines, 9))
    assert [None if one is None else one.count for one in found] == [1, None, 1]
