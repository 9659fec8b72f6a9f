from pathlib import Path

import pytest
from histories import Content, by_subject, history, mined

from codekiln.mine_commits.records import split, work_time


@pytest.mark.parametrize(
    ("message", "subject", "body"),
    [
        ("one\n\ntwo\n", "one", "two"),
        ("\n\none\n  folded\n\ntwo\n\nthree\n", "one folded", "two\n\nthree"),
        ("", "", ""),
        ("one\x0btwo", "one\x0btwo", ""),
    ],
)
def test_the_first_paragraph_is_the_subject(message: str, subject: str, body: str) -> None:
    assert split(message) == (subject, body)


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
