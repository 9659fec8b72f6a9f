import time
from pathlib import Path

import pytest
from histories import EPOCH, git, history, line, text
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.git import graph
from codekiln.core.git.repository import opened
from codekiln.survey_history.survey import Survey, summed, survey


def surveyed(path: Path) -> Survey:
    with opened(str(path)) as repository:
        return survey(repository, graph.read(repository), 8, 1.5)


def test_branches_are_counted_each_and_commits_once(tmp_path: Path) -> None:
    made = line(tmp_path, 4)
    main = text(tmp_path, "rev-parse", "main")
    made.ref("refs/heads/dev", made.commit({"b": "b\n"}, "dev", [main]))
    made.ref("refs/remotes/origin/old", text(tmp_path, "rev-parse", "main~2"))
    made.ref("refs/pull/1", made.commit({"c": "c\n"}, "pull", [main]))
    found = surveyed(tmp_path)
    counts = {branch.name: branch.commits for branch in found.branches}
    assert counts == {"dev": 5, "main": 4, "origin/old": 2}
    assert [branch.name for branch in found.branches if branch.is_remote] == ["origin/old"]
    assert found.commits_over_branches == 11
    assert found.commits_on_branches == 5
    assert found.unique_commits == 6


def test_merges_and_tags_are_counted_and_a_tag_is_no_branch(tmp_path: Path) -> None:
    made = line(tmp_path, 3)
    main = text(tmp_path, "rev-parse", "main")
    side = made.commit({"b": "b\n"}, "side", [text(tmp_path, "rev-parse", "main~1")])
    merge = made.commit({"b": "b\n"}, "merge", [main, side])
    made.ref("refs/heads/main", merge)
    made.ref("refs/tags/v1", main)
    made.ref("refs/tags/v2", merge)
    found = surveyed(tmp_path)
    assert (found.merge_commits, found.tag_count, found.branch_count) == (1, 2, 1)
    assert found.unique_commits == 5
    assert found.head == merge


def test_span_and_rate_are_by_committers_and_leave_broken_dates_out(tmp_path: Path) -> None:
    made = history(tmp_path)
    tip: list[str] = []
    for stamp in (EPOCH, EPOCH + 86400 * 4, 0, 18446744073709551615):
        committer = b"A <a@b> %d +0000" % stamp
        tip = [made.commit({}, "x", tip, committer=committer)]
    made.ref("refs/heads/main", tip[0])
    found = surveyed(tmp_path)
    assert found.first_commit_time == "2023-11-14T22:13:20+00:00"
    assert found.last_commit_time == "2023-11-18T22:13:20+00:00"
    assert found.span_days == 4.0
    assert found.commits_per_day == 1.0


def test_authors_are_addresses_after_the_mailmap(tmp_path: Path) -> None:
    made = history(tmp_path)
    tip: list[str] = []
    for address in (b"ann@old", b"ANN@new", b"bo@x", b"\xff@x"):
        tip = [made.commit({}, "x", tip, author=b"A <%s> 1700000000 +0000" % address)]
    tip = [
        made.commit({".mailmap": "Ann <ann@new> <ann@old>\n"}, "map", tip, author=b"A <bo@x> 1 +0")
    ]
    made.ref("refs/heads/main", tip[0])
    assert surveyed(tmp_path).unique_authors == 3


def test_a_shallow_history_is_said_to_be_one(tmp_path: Path) -> None:
    line(tmp_path / "source.git", 3)
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--bare",
        "--depth=1",
        f"file://{tmp_path}/source.git",
        "s.git",
    )
    assert surveyed(tmp_path / "s.git").is_shallow
    assert not surveyed(tmp_path / "source.git").is_shallow


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make 20,000 commits and 200 branches, by fast-import."""
    path = tmp_path_factory.mktemp("long")
    history(path)
    stream = [
        f"commit refs/heads/main\nmark :{n + 1}\ncommitter A{n % 50} <a{n % 50}@x> "
        f"{EPOCH + n * 60} +0000\ndata 1\nx\n"
        for n in range(20_000)
    ]
    stream += [f"reset refs/heads/b{n}\nfrom :{1 + 97 * n}\n\n" for n in range(200)]
    git(path, "fast-import", "--quiet", given="".join(stream).encode())
    return path


def test_a_long_history_of_many_branches_takes_seconds(long_history: Path) -> None:
    start = time.process_time()
    found = surveyed(long_history)
    assert time.process_time() - start < 5
    assert (found.unique_commits, found.branch_count, found.unique_authors) == (20_000, 201, 50)


@given(st.dictionaries(st.integers(0, 2**6 - 1), st.integers(1, 40)))
def test_the_sums_of_all_bits_are_those_of_each(masks: dict[int, int]) -> None:
    each = [sum(n for mask, n in masks.items() if mask >> bit & 1) for bit in range(6)]
    assert summed(masks, 6) == each


def test_as_many_branches_as_commits_take_no_longer_than_their_number() -> None:
    many = 10_000
    # Every branch ends one commit after the other: bit by bit this took 26 s.
    masks = {(1 << many) - (1 << number): 1 for number in range(many)}
    start = time.process_time()
    assert summed(masks, many) == list(range(1, many + 1))
    assert time.process_time() - start < 5
