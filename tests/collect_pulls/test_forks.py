"""Histories that pull requests leave behind: where each left its base is where git says."""

from pathlib import Path

import pytest
from histories import History, text
from pull_histories import CODE, checked, collected, edited, same_as_git, served

from codekiln.collect_pulls import forks
from codekiln.collect_pulls.changes import Failed, Wanted
from codekiln.core.corpus.pulls import Changes


@pytest.fixture
def made(tmp_path: Path) -> History:
    return served(tmp_path / "source.git")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def test_main_merged_into_the_branch_is_no_part_of_the_pull_request(
    made: History, scratch: Path
) -> None:
    root = made.commit({"a.go": CODE})
    first = made.commit({"a.go": edited(3)}, "first", [root])
    main = made.commit({"m.go": "main\n"}, "main", [root])
    merged = made.commit({"m.go": "main\n"}, "merge main", [first, main])
    head = made.commit({"a.go": edited(3, 4)}, "second", [merged])
    base = made.commit({"n.go": "more\n"}, "main goes on", [main])
    found = checked(made, base, head, scratch)
    assert found.merge_base == main
    assert [file.path for file in found.files] == ["a.go"]
    assert [commit.message for commit in found.commits] == ["first", "merge main", "second"]


def criss_cross(made: History, **ours: bytes) -> tuple[str, str]:
    """Merge two branches into each other; return base and head. There are two merge bases."""
    root = made.commit({"a.go": CODE})
    left = made.commit({"l.go": "left\n"}, "left", [root], **ours)
    right = made.commit({"r.go": "right\n"}, "right", [root], **ours)
    base = made.commit({"r.go": "right\n", "a.go": edited(1)}, "base", [left, right])
    head = made.commit({"l.go": "left\n", "a.go": edited(9)}, "head", [right, left])
    return base, head


@pytest.mark.parametrize("same_time", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_merge_bases_the_one_of_git_counts(
    made: History, scratch: Path, same_time: bool, turned: bool
) -> None:
    stamp = b"A <a@example.org> 1700000000 +0000"
    base, head = criss_cross(made, **({"committer": stamp} if same_time else {}))
    base, head = (head, base) if turned else (base, head)
    assert len(text(made.path, "merge-base", "--all", base, head).split()) == 2
    checked(made, base, head, scratch)


def test_clocks_that_went_backwards_change_nothing(made: History, scratch: Path) -> None:
    def stamp(seconds: int) -> bytes:
        return b"A <a@example.org> %d +0000" % seconds

    tip = [made.commit({"a.go": CODE}, committer=stamp(9000))]
    line = list(tip)
    for number, seconds in enumerate((100, 8000, 50, 7000)):
        tip = [made.commit({f"m{number}.go": "x\n"}, "main", tip, committer=stamp(seconds))]
        line += tip
    head = made.commit({"a.go": edited(5)}, "head", [line[2]], committer=stamp(1))
    assert checked(made, line[-1], head, scratch).merge_base == line[2]


def test_squash_and_rebase_merges_leave_the_head_where_it_was(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE})
    first = made.commit({"a.go": edited(3)}, "first", [root])
    head = made.commit({"a.go": edited(3, 20)}, "second", [first])
    before = made.commit({"m.go": "main\n"}, "main", [root])
    squashed = made.commit({"a.go": edited(3, 20)}, "squash (#1)", [before])
    rebased = made.commit({"a.go": edited(3)}, "first", [before])
    rebased = made.commit({"a.go": edited(3, 20)}, "second", [rebased])
    for number, (base, merge) in enumerate([(before, squashed), (before, rebased)]):
        wanted = Wanted(1, head, base, merge)
        (found,) = collected(made, [wanted], scratch / str(number)).values()
        assert isinstance(found, Changes)
        same_as_git(made, base, head, found)
        assert [commit.message for commit in found.commits] == ["first", "second"]


def test_histories_that_never_met_fail_alone(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE})
    stranger = made.commit({"s.go": CODE}, "stranger")
    head = made.commit({"a.go": edited(2)}, "head", [root])
    found = collected(made, [Wanted(1, stranger, root), Wanted(2, head, root)], scratch)
    assert found[1] == Failed(1, forks.UNRELATED)
    assert isinstance(found[2], Changes)


def test_a_head_that_is_gone_fails_alone(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE})
    head = made.commit({"a.go": edited(2)}, "head", [root])
    gone = [Wanted(number, f"{number:040x}", root) for number in range(2, 6)]
    odd = [Wanted(7, "no hash", root), Wanted(8, "", root), Wanted(9, made.blob("x"), root)]
    found = collected(made, [Wanted(1, head, root), *gone, *odd], scratch)
    assert {n for n, told in found.items() if told == Failed(n, forks.HEAD_GONE)} == {
        2, 3, 4, 5, 7, 8, 9,
    }  # fmt: skip
    assert isinstance(found[1], Changes)


def test_where_the_base_is_gone_the_parent_of_the_merge_stands_for_it(
    made: History, scratch: Path
) -> None:
    root = made.commit({"a.go": CODE})
    head = made.commit({"a.go": edited(2)}, "head", [root])
    main = made.commit({"m.go": "x\n"}, "main", [root])
    merge = made.commit({"a.go": edited(2)}, "merge", [main, head])
    gone = "2" * 40
    wanted = [Wanted(1, head, gone, merge), Wanted(2, head, gone), Wanted(3, head, gone, "3" * 40)]
    found = collected(made, wanted, scratch)
    told = found[1]
    assert isinstance(told, Changes)
    same_as_git(made, main, head, told)
    assert found[2] == Failed(2, forks.BASE_GONE)
    assert found[3] == Failed(3, forks.BASE_GONE)


def test_a_base_that_no_branch_holds_is_fetched_by_its_hash(made: History, scratch: Path) -> None:
    root = made.commit({"a.go": CODE})
    rewritten = made.commit({"a.go": CODE, "m.go": "x\n"}, "main, rewritten since", [root])
    made.ref("refs/heads/main", made.commit({"n.go": "y\n"}, "main", [root]))
    head = made.commit({"a.go": edited(2)}, "head", [rewritten])
    assert checked(made, rewritten, head, scratch).merge_base == rewritten
