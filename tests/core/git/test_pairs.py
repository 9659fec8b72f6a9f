from pathlib import Path

import pytest
from histories import FILE, SUBMODULE, SYMLINK, History, history

from codekiln.core.git import buffer, pairs
from codekiln.core.git.buffer import Ended
from codekiln.core.git.command import Git
from codekiln.core.git.pairs import Patch

NONE = "0" * 40


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "source.git")


def read(made: History, *asked: str, most_bytes: int = 1000) -> list[Patch]:
    with pairs.reading(Git(variables={"GIT_DIR": str(made.path)}), most_bytes) as reader:
        return reader.read(asked)


def pair(old: str, new: str, old_mode: str = FILE, new_mode: str = FILE) -> str:
    return f":{old_mode} {new_mode} {old} {new}"


def test_each_pair_has_its_counts_and_its_hunks(made: History) -> None:
    one, two = made.blob("1\n2\n"), made.blob("1\nx\ny\n")
    changed, added, removed = read(
        made,
        pair(one, two),
        pair(NONE, one, old_mode="000000"),
        pair(two, NONE, new_mode="000000"),
    )
    hunk = b"\n@@ -1,2 +1,3 @@\n 1\n-2\n+x\n+y"
    assert changed == Patch(insertions=2, deletions=1, hunks=1, size=len(hunk), text=hunk)
    assert (added.insertions, added.deletions) == (2, 0)
    assert (removed.insertions, removed.deletions) == (0, 3)


def test_of_long_hunks_only_the_beginning_is_kept_and_all_is_counted(
    made: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "LARGE", 50)
    monkeypatch.setattr(buffer, "CHUNK", 64)
    blobs = [made.blob("".join(f"{n} {m}\n" for m in range(100))) for n in range(4)]
    found = read(made, *(pair(NONE, blob, old_mode="000000") for blob in blobs), most_bytes=30)
    assert [(patch.insertions, patch.hunks, len(patch.text)) for patch in found] == [
        (100, 1, 30)
    ] * 4
    assert [patch.text[19:22] for patch in found] == [b"+%d " % n for n in range(4)]


def test_a_file_that_became_a_link_and_a_submodule_are_shown_as_git_shows_them(
    made: History,
) -> None:
    text = made.blob("a\nb\n")
    link, module = read(
        made,
        pair(text, text, new_mode=SYMLINK),
        pair("1" * 40, "2" * 40, SUBMODULE, SUBMODULE),
    )
    assert (link.insertions, link.deletions, link.hunks) == (2, 2, 2)
    assert b"+Subproject commit " + b"2" * 40 in module.text


def test_a_binary_file_has_no_hunks(made: History) -> None:
    (found,) = read(made, pair(made.blob(b"\0a"), made.blob(b"\0b")))
    assert found == Patch(binaries=1)


def test_a_missing_file_ends_git_and_says_so(made: History) -> None:
    with pytest.raises(Ended):
        read(made, pair("3" * 40, made.blob("a\n")))


@pytest.mark.parametrize("name", ["a:b", 'quo"te', "back\\slash"])
def test_the_folder_of_the_view_may_have_any_name(tmp_path: Path, name: str) -> None:
    made = history(tmp_path / name)
    (found,) = read(made, pair(made.blob("a\n"), made.blob("b\n")))
    assert (found.insertions, found.deletions) == (1, 1)


def test_blobs_may_lie_where_the_caller_said_and_no_tree_is_left(
    made: History, tmp_path: Path
) -> None:
    view = history(tmp_path / "view.git")
    git = Git({"GIT_DIR": str(view.path), pairs.ALTERNATES: str(made.path / "objects")})
    before = sorted(view.path.rglob("*"))
    with pairs.reading(git, 1000) as reader:
        (found,) = reader.read([pair(made.blob("a\n"), made.blob("b\n"))])
        assert sorted(view.path.rglob("*")) != before
    assert (found.insertions, found.deletions) == (1, 1)
    assert sorted(view.path.rglob("*")) == before


def test_trees_that_git_cannot_read_are_not_waited_for(made: History) -> None:
    asked = pair(made.blob("a\n"), made.blob("b\n"))
    with pairs.reading(Git(variables={"GIT_DIR": str(made.path)}), 1000) as reader:
        reader.folder = made.path / "elsewhere"
        reader.folder.mkdir()
        with pytest.raises(Ended):
            reader.read([asked])


def test_the_trees_are_named_as_git_names_them(made: History, tmp_path: Path) -> None:
    entries = b"100644 000000\0" + bytes.fromhex(made.blob("a\n"))
    assert pairs.written(tmp_path, entries, 40) == made.stored("tree", entries)
