import re
from pathlib import Path

import pytest
from histories import Content, History, by_subject, git, history, mined
from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.mine_commits.records import split, work_time


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history(tmp_path_factory.mktemp("messages"))


@pytest.mark.parametrize(
    ("message", "subject", "body"),
    [
        ("one\n\ntwo\n", "one", "two"),
        ("\n\none\n  folded\n\ntwo\n\nthree\n", "one folded", "two\n\nthree"),
        ("", "", ""),
        ("one\x0btwo", "one\x0btwo", ""),
        ("one\r\n\r\ntwo\r\nthree\r\n", "one", "two\r\nthree"),
        ("one\n \t\ntwo\n", "one", "two"),
        (" \n\r\none\r\n", "one", ""),
        ("one\n\n\n  two\n", "one", "  two"),
        (" \n", "", ""),
    ],
)
def test_the_first_paragraph_is_the_subject(message: str, subject: str, body: str) -> None:
    assert split(message) == (subject, body)


@given(st.text("a\u00a0\u2028 \t\r\n", min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_subject_and_body_part_where_git_parts_them(repository: History, message: str) -> None:
    sha = repository.commit({}, message, [])
    told = git(repository.path, "log", "-1", "--format=%s%x00%b", sha).decode().split("\0")
    # Blanks within a folded subject are ours: git keeps those before a line.
    assert [re.sub("[ \t\r\n]", "", part) for part in split(message)] == [
        re.sub("[ \t\r\n]", "", part) for part in told
    ]


def test_hours_and_days_are_those_of_the_author() -> None:
    # 2023-11-14 22:13:20 UTC was a Tuesday.
    assert work_time(1_700_000_000, 0) == (22, 1)
    assert work_time(1_700_000_000, 120) == (0, 2)
    assert work_time(0, -60) == (23, 2)


def test_a_record_says_what_its_commit_did(tmp_path: Path) -> None:
    made = history(tmp_path / "source.git")
    root = made.commit({"src/app/a.py": "1\n2\n", "b": "b\n"}, "root")
    author = b"Bo Dev <bo@example.org> 1700000000 +0530"
    message = f"fix: it\n\nFixes #3, see {root[:10]}\n"
    change: dict[str | bytes, Content | None] = {
        "src/app/a.py": "1\ntwo\n3\n",
        "b": None,
        "c/d": "d\n",
    }
    second = made.commit(change, message, [root], author=author)
    made.ref("refs/heads/main", second)
    record = by_subject(mined(made.path, tmp_path / "out"))["fix: it"]
    assert (record.author_name, record.author_email) == ("Bo Dev", "bo@example.org")
    assert (record.author_time, record.author_timezone) == (1_700_000_000, "+0530")
    assert (record.work_hour, record.day_of_week) == (3, 2)
    assert (record.files_added, record.files_modified, record.files_deleted) == (1, 1, 1)
    assert (record.insertions, record.deletions, record.files_changed) == (3, 2, 3)
    assert record.related_issues == ["#3"]
    assert record.related_commits == [root]
    assert {unit.name for unit in record.units} == {"src/app", ".", "c"}
    assert record.complexity_score == pytest.approx(0.6 * 5 / 500 + 0.4 * 3 / 50)
    assert record.abbrev_hash == second[:7]
    assert record.branches == ["main"]
