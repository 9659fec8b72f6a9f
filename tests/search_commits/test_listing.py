"""Answers as a table and as JSON lines."""

import io
import json

from rich.console import Console

from codekiln.core.embedding.points import Payload
from codekiln.search_commits import listing
from codekiln.search_commits.collection import Hit

HOSTILE = "\x1b[2J[red]fix[/red]\x00\u202e \x9b31m"


def hit(subject: str) -> Hit:
    commit = Payload(
        hash="f" * 40,
        abbrev_hash="fffffff",
        author="Ann",
        timestamp="2026-01-02T03:04:05Z",
        subject=subject,
        complexity=0.1,
        files_changed=2,
    )
    return Hit(score=0.5, commit=commit)


def shown(subject: str) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(listing.table([hit(subject)]))
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO above
    return str(text)


def test_a_row_tells_rank_score_commit_date_author_and_subject() -> None:
    assert shown("fix the cache").splitlines()[1].split() == [
        "1", "0.500", "fffffff", "2026-01-02", "Ann", "fix", "the", "cache",
    ]  # fmt: skip


def test_a_hostile_subject_cannot_drive_the_terminal() -> None:
    text = shown(HOSTILE)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "[red]fix[/red]" in text


def test_a_line_of_json_holds_the_whole_subject() -> None:
    [line] = listing.lines([hit(HOSTILE)])
    told = json.loads(line)
    assert (told["rank"], told["score"], told["subject"]) == (1, 0.5, HOSTILE)
