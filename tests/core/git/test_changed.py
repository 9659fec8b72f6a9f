from pathlib import Path

import pytest
from histories import History, history

from codekiln.core.git import changed, rows
from codekiln.core.git.changed import Changed
from codekiln.core.git.command import Git
from codekiln.core.git.patches import CommitDiff
from codekiln.core.git.rows import Row


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "source.git")


def read(made: History, *lines: str, most: int = 10) -> list[Changed[Row] | None]:
    git = Git(variables={"GIT_DIR": str(made.path)})
    return list(changed.read(git, lines, most, rows.make))


def test_each_file_has_its_row_and_its_pair_whatever_bytes_name_it(
    made: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "CHUNK", 7)
    first = made.commit({b"\xe9": "1\n2\n3\n", b":new\nline": "a\n"})
    moved = made.commit({b"\xe9": None, b"d/e": "1\n2\n3\n"}, parents=[first])
    one, other = read(made, first, f"{moved} {first}")
    assert one is not None
    assert other is not None
    assert [file.path for file in one.diff.files] == [":new\nline", "\\xe9"]
    (file,) = other.diff.files
    assert (file.kind, file.original_path, file.path) == ("R", "\\xe9", "d/e")
    blob = made.blob("1\n2\n3\n")
    assert other.pairs == [f":100644 100644 {blob} {blob}"]


def test_of_many_files_some_are_kept_and_all_are_told(made: History) -> None:
    (one,) = read(made, made.commit({"a": "1\n", "b": "2\n", "c": "3\n"}), most=1)
    assert one is not None
    assert (len(one.diff.files), one.diff.types, len(one.pairs)) == (1, "AAA", 3)
    assert one.diff.is_capped


def test_a_commit_without_its_tree_is_unreadable_and_one_without_changes_is_not(
    made: History,
) -> None:
    first = made.commit({"a": "1\n"})
    lost = made.raw("1" * 40, [first], "lost")
    same = made.commit({}, parents=[first])
    one, none, empty = read(made, first, f"{lost} {first}", f"{same} {first}")
    assert one is not None
    assert none is None
    assert empty is not None
    assert empty.pairs == []


def test_what_was_handed_over_is_held_no_longer(made: History) -> None:
    (one,) = read(made, made.commit({"a": "1\n"}))
    assert one is not None
    one.texts = ["\n@@ -0,0 +1 @@\n+\N{GRINNING FACE}".encode()]
    assert one.handed_over().files[0].diff_text == "@@ -0,0 +1 @@\n+\N{GRINNING FACE}\n"
    assert (one.diff, one.texts) == (CommitDiff(), [])
