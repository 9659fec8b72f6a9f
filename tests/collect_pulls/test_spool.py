from pathlib import Path
from typing import Any

from codekiln.collect_pulls.spool import opened


def comment(number: int, pull: int, time: str = "2026-01-02T03:04:05Z") -> dict[str, Any]:
    return {
        "id": number, "pull_request_url": f"https://api.github.com/repos/a/b/pulls/{pull}",
        "created_at": time, "user": {"login": "bo", "avatar_url": "..."}, "path": "main.go",
        "line": 3, "body": f"no {number}", "diff_hunk": "@@", "_links": {},
    }  # fmt: skip


def test_comments_come_back_by_pull_request_oldest_first(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put([comment(5, 1, "2026-02-01T00:00:00Z"), comment(4, 2), comment(3, 1)])
        assert [one.body for one in spool.take(1)] == ["no 3", "no 5"]
        assert spool.take(1) == ()
        assert [one.author for one in spool.take(2)] == ["bo"]


def test_a_comment_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put([comment(5, 1)])
        spool.put([comment(5, 1), comment(4, 1)])
        assert [one.body for one in spool.take(1)] == ["no 4", "no 5"]


def test_a_comment_of_an_account_that_is_gone_has_no_author(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put([{**comment(5, 1), "user": None, "line": None}])
        (one,) = spool.take(1)
        assert (one.author, one.line) == ("", None)


def test_half_a_surrogate_pair_in_a_path_does_not_reach_the_data(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put([{**comment(5, 1), "path": "cut \ud83d"}])
        assert spool.take(1)[0].path == "cut ?"


def test_nothing_is_left_of_a_spool(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.put([comment(5, 1)])
    assert list(tmp_path.iterdir()) == []


def test_a_comment_on_the_file_before_is_on_no_line_of_the_file_after(tmp_path: Path) -> None:
    sides: list[dict[str, str]] = [{"side": "LEFT"}, {"side": "RIGHT"}, {}]
    with opened(tmp_path) as spool:
        spool.put([{**comment(number, 1), **side} for number, side in enumerate(sides, 1)])
        assert [one.line for one in spool.take(1)] == [None, 3, 3]
