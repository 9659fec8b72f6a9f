from datetime import UTC, datetime
from pathlib import Path

from histories import history

from codekiln.collect_pulls import pull_commits
from codekiln.collect_pulls.limits import Limits
from codekiln.core.corpus.pulls import PullCommit
from codekiln.core.git.command import Git


def read(path: Path, shas: list[str], limits: Limits | None = None) -> tuple[PullCommit, ...]:
    with Git(variables={"GIT_DIR": str(path)}).dialogue("cat-file", "--batch") as reader:
        return pull_commits.commits(reader, shas, limits or Limits())


def test_a_commit_is_told_by_author_time_and_message(tmp_path: Path) -> None:
    made = history(tmp_path)
    stamp = "Zoë <z@example.org> 1700000000 -0500".encode()
    sha = made.commit({}, "Fix it\n\nIt raced.\n", author=stamp)
    assert read(tmp_path, [sha]) == (
        PullCommit(
            sha=sha, author_name="Zoë", time=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            message="Fix it\n\nIt raced.",
        ),
    )  # fmt: skip


def test_a_time_that_no_calendar_has_is_none(tmp_path: Path) -> None:
    made = history(tmp_path)
    stamps = [b"A <a> 99999999999999999 +0000", b"A <a> yesterday", b""]
    shas = [made.commit({}, author=stamp) for stamp in stamps]
    assert [commit.time for commit in read(tmp_path, shas)] == [None] * 3


def test_a_message_is_cut_and_never_in_a_character(tmp_path: Path) -> None:
    made = history(tmp_path)
    sha = made.commit({}, "é" * 500)
    (commit,) = read(tmp_path, [sha], Limits(message_bytes=301))
    assert 20 < len(commit.message) < 150
    assert set(commit.message) == {"é"}


def test_hundreds_of_commits_are_read_by_one_git(tmp_path: Path) -> None:
    made = history(tmp_path)
    sha = made.commit({}, "x" * 2000)
    assert len(read(tmp_path, [sha] * 900, Limits(commits=800))) == 800
