"""Files of any shape, renamed or not: the difference is that of `git diff base...head`."""

from pathlib import Path

import pytest
from histories import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Content, History
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pull_histories import CODE, LINES, by_git, checked, edited, one, served

COMMIT = "1234567890abcdef1234567890abcdef12345678"


@pytest.fixture
def made(tmp_path: Path) -> History:
    return served(tmp_path / "source.git")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


RENAMES: list[tuple[dict[str | bytes, Content | None], list[tuple[str, str | None]]]] = [
    ({"a.go": None, "moved.go": CODE}, [("moved.go", "a.go")]),
    ({"a.go": None, "moved.go": edited(1, 2)}, [("moved.go", "a.go")]),
    ({"a.go": None, "moved.go": edited(*range(30))}, [("a.go", None), ("moved.go", None)]),
    ({"vendor/v.go": None, "v.go": edited(7)}, [("v.go", "vendor/v.go")]),
    ({"a.go": None, "a.go.txt": edited(1)}, [("a.go.txt", "a.go")]),
    ({"docs.md": None, "docs.go": CODE + "docs\n"}, [("docs.go", "docs.md")]),
    (
        {"a.go": None, "vendor/v.go": None, "b.go": edited(1), "c.go": edited(7)},
        [("b.go", "a.go"), ("c.go", "vendor/v.go")],
    ),
]


@pytest.mark.parametrize(("files", "expected"), RENAMES)
def test_renames_are_those_of_git_whatever_side_is_kept(
    made: History,
    scratch: Path,
    files: dict[str | bytes, Content | None],
    expected: list[tuple[str, str | None]],
) -> None:
    start: dict[str | bytes, Content] = {
        "a.go": CODE, "vendor/v.go": edited(7, 8, 9), "docs.md": CODE + "docs\n",
    }  # fmt: skip
    root = made.commit(start)
    head = made.commit(files, "move", [root])
    found = checked(made, root, head, scratch)
    assert [(file.path, file.original_path) for file in found.files] == expected


PARTS = st.lists(st.sampled_from(["a\n" * 9, "b\n" * 9, "c\n" * 3, "d\n", "e"]), max_size=5)
CONTENTS = PARTS.map("".join)
NAMES = st.sampled_from(["a.go", "b.go", "d/a.go", "vendor/a.go", "a.go.txt", "x.pb.go"])
TREES = st.dictionaries(NAMES, CONTENTS, max_size=5)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=TREES, after=TREES)
def test_whatever_moves_where_the_difference_is_that_of_git(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("moves")
    made = served(path / "source.git")
    start: dict[str | bytes, Content | None] = {}
    start.update(before)
    root = made.commit(start)
    changed: dict[str | bytes, Content | None] = dict.fromkeys(before)
    changed.update(after)
    checked(made, root, made.commit(changed, "move", [root]), path / "scratch")


SHAPES: dict[str, tuple[Content | None, Content | None]] = {
    "mode": ((FILE, CODE), (EXECUTABLE, CODE)),
    "mode and text": ((FILE, CODE), (EXECUTABLE, edited(1))),
    "link": ((SYMLINK, "here"), (SYMLINK, "there")),
    "file to link": ((FILE, CODE), (SYMLINK, "elsewhere")),
    "binary": ((FILE, b"\0\1\2"), (FILE, b"\0\1\3")),
    "text to binary": ((FILE, CODE), (FILE, b"\0" + CODE.encode())),
    "CRLF": ((FILE, CODE), (FILE, CODE.replace("\n", "\r\n"))),
    "lone CR, form feed": ((FILE, "a\rb\x0c\n"), (FILE, "a\rc\x0c\n")),
    "no newline at the end": ((FILE, CODE), (FILE, CODE + "end")),
    "no newline before either": ((FILE, CODE + "a"), (FILE, CODE + "b")),
    "empty": ((FILE, ""), (FILE, "x\n")),
    "emptied": ((FILE, "x\n"), (FILE, "")),
    "added empty": (None, (FILE, "")),
    "latin-1": ((FILE, b"th\xe8\n"), (FILE, b"th\xe9\n")),
    "forged headers": ((FILE, CODE), (FILE, CODE + "diff --git a/x b/x\n@@ -1 +1 @@\n")),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_any_shape_is_told_as_git_tells_it(
    made: History, scratch: Path, shape: str
) -> None:
    before, after = SHAPES[shape]
    others: dict[str | bytes, Content] = {"other.go": "x\n"}
    root = made.commit(others if before is None else {**others, "a.go": before})
    head = made.commit({"a.go": after, "other.go": "y\n"}, "change", [root])
    found = checked(made, root, head, scratch)
    assert len(found.files) == 2


def test_a_submodule_is_named_and_not_fetched(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE, ".gitmodules": "[submodule]\n\turl = https://nowhere/x\n"})
    files: dict[str | bytes, Content] = {"sub": (SUBMODULE, COMMIT), "b.go": (SUBMODULE, COMMIT)}
    found = one(made, root, made.commit(files, "add", [root]), scratch)
    told = {file.path: (file.status, file.after) for file in found.files}
    assert told == {"sub": ("added", None), "b.go": ("added", None)}


def test_names_that_are_no_utf8_and_names_with_anything_in_them(
    made: History, scratch: Path
) -> None:
    names = [b"th\xe8.go", b"new\nline.go", b'q"uote.go', b":(glob)*.go", b"-dash.go", b"t\tab.go"]
    root = made.commit({"a.go": CODE})
    head = made.commit(dict.fromkeys(names, CODE), "odd names", [root])
    found = one(made, root, head, scratch)
    assert {file.path for file in found.files} == set(by_git(made, root, head))
    assert all(file.additions == len(LINES) and file.after == CODE for file in found.files)


def test_a_folder_may_take_the_place_of_a_file(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE})
    head = made.commit({"a.go": None, "a.go/b.go": edited(1)}, "into a folder", [root])
    checked(made, root, head, scratch / "there")
