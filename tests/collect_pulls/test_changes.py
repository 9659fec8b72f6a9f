"""What is told of pull requests as they come, and of those that cannot be told of."""

from pathlib import Path

import pytest
from histories import History, text
from pull_histories import CODE, checked, collected, edited, served

from codekiln.collect_pulls import forks
from codekiln.collect_pulls.changes import Failed, Wanted, changes
from codekiln.collect_pulls.limits import Limits
from codekiln.core.corpus.pulls import Changes


@pytest.fixture
def made(tmp_path: Path) -> History:
    return served(tmp_path / "source.git")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def test_the_diff_is_from_the_merge_base_however_far_the_base_went_on(
    made: History, scratch: Path
) -> None:
    root = made.commit({"a.go": CODE})
    head = made.commit({"a.go": edited(3), "b.go": "new\n"}, "work", [root])
    base = made.commit({"a.go": edited(30), "c.go": "main\n"}, "main goes on", [root])
    found = checked(made, base, head, scratch)
    assert found.merge_base == root
    assert {file.path: file.status for file in found.files} == {
        "a.go": "modified",
        "b.go": "added",
    }
    assert found.files[0].patch.startswith("@@ -1,7 +1,7 @@\n line 0\n")
    assert not found.files[0].patch.endswith("\n")


def test_a_pull_request_without_changes_is_told_of_without_files(
    made: History, scratch: Path
) -> None:
    root = made.commit({"a.go": CODE})
    empty = made.commit({}, "empty commit", [root])
    ahead = made.commit({"b.go": "x\n"}, "main", [root])
    found = collected(
        made, [Wanted(1, root, root), Wanted(2, empty, root), Wanted(3, root, ahead)], scratch
    )
    assert [len(told.files) for told in found.values() if isinstance(told, Changes)] == [0, 0, 0]
    told = found[2]
    assert isinstance(told, Changes)
    assert [commit.message for commit in told.commits] == ["empty commit"]


def test_objects_that_the_remote_has_lost_fail_those_that_need_them_alone(
    made: History, scratch: Path
) -> None:
    root = made.commit({"a.go": CODE, "b.go": CODE})
    heads = [made.commit({"a.go": edited(n)}, f"head {n}", [root]) for n in range(3)]
    made.remove(text(made.path, "rev-parse", f"{heads[1]}:a.go"))
    lost_tree = made.commit({"d/c.go": "c\n"}, "head 3", [root])
    made.remove(text(made.path, "rev-parse", f"{lost_tree}^{{tree}}"))
    wanted = [Wanted(n, head, root) for n, head in enumerate([*heads, lost_tree])]
    found = collected(made, wanted, scratch)
    assert found[1] == Failed(1, forks.UNREADABLE)
    assert found[3] == Failed(3, forks.HEAD_GONE)
    assert {n for n, told in found.items() if isinstance(told, Changes)} == {0, 2}


def test_a_repository_that_is_gone_fails_each_pull_request(tmp_path: Path) -> None:
    wanted = [Wanted(number, "1" * 40, "2" * 40) for number in range(3)]
    found = list(changes(f"file://{tmp_path}/none.git", wanted, Limits(), tmp_path / "scratch"))
    assert found == [Failed(number, forks.REPOSITORY_GONE) for number in range(3)]


def test_nothing_wanted_asks_nobody(tmp_path: Path) -> None:
    assert list(changes(f"file://{tmp_path}/none.git", [], Limits(), tmp_path / "scratch")) == []
