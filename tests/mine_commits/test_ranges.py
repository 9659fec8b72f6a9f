from pathlib import Path

from histories import EPOCH, history, text

from codekiln.core.git import graph
from codekiln.core.git.repository import opened
from codekiln.mine_commits.limits import Limits
from codekiln.mine_commits.ranges import Known, abbreviation, ranges


def known(path: Path, limits: Limits) -> dict[str, Known]:
    with opened(str(path)) as repository:
        cut = ranges(graph.read(repository), repository.refs, limits)
        return {one.sha: one for part in cut for one in part.commits}


def test_branches_contain_and_tags_point(tmp_path: Path) -> None:
    made = history(tmp_path / "source.git")
    first = made.commit({"a": "1\n"}, "one")
    second = made.commit({"a": "2\n"}, "two", [first])
    for name, sha in {
        "heads/main": second,
        "heads/old": first,
        "remotes/origin/dev": second,
    }.items():
        made.ref(f"refs/{name}", sha)
    made.ref("refs/tags/v1", first)
    told = known(made.path, Limits(branches=2))
    assert told[first].branches == ("main", "old")
    assert told[first].branch_count == 3
    assert told[second].branches == ("main", "origin/dev")
    assert (told[first].tags, told[second].tags) == (("v1",), ())


def test_the_time_since_the_parent_is_unknown_where_a_date_is_broken(tmp_path: Path) -> None:
    made = history(tmp_path / "source.git")
    first = made.commit({"a": "1\n"}, "one")
    second = made.commit({"a": "2\n"}, "two", [first])
    broken = made.commit(
        {"a": "3\n"}, "three", [second], committer=b"A <a> 18446744073709551615 +0"
    )
    made.ref("refs/heads/main", broken)
    told = known(made.path, Limits())
    assert [told[sha].time_since_parent for sha in (first, second, broken)] == [None, 60, None]
    assert EPOCH


def test_the_newest_are_the_last_ones(tmp_path: Path) -> None:
    made = history(tmp_path / "source.git")
    tip: list[str] = []
    for number in range(5):
        tip = [made.commit({"a": f"{number}\n"}, f"{number}", tip)]
    made.ref("refs/heads/main", tip[0])
    told = known(made.path, Limits(newest=2, range_commits=1))
    assert [one.order for one in told.values()] == [3, 4]
    assert list(told) == text(made.path, "rev-list", "--reverse", "-2", "main").split()


def test_abbreviations_tell_all_commits_apart() -> None:
    assert abbreviation(["a" * 40, "b" * 40]) == 7
    assert abbreviation(["a" * 40, "a" * 9 + "b" * 31]) == 10
