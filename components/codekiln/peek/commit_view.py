"""A commit on a screen: who, when, why, and which files; its differences if they are asked for."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from codekiln.peek.screen import Screen

Row = Mapping[str, Any]
SECTIONS = ("message", "files", "diff")
MOST = 12
LETTERS = {"A": "green", "D": "red", "M": "yellow", "R": "blue", "C": "blue"}


def show(screen: Screen, row: Row, sections: Collection[str]) -> None:
    """Write one commit; differences only where `sections` names them."""
    wanted = set(sections or ("message", "files"))
    screen.line((row["abbrev_hash"], "bold yellow"), (f"  {row['subject']}", "bold"))
    time = datetime.fromtimestamp(row["committer_time"], UTC)
    marks = [name for name in ("root", "merge", "squash", "fixup", "revert") if row[f"is_{name}"]]
    told = [row["author_name"], f"{time:%Y-%m-%d %H:%M}", *marks]
    told += [f"+{row['insertions']:,} -{row['deletions']:,}"]
    told += [f"complexity {row['complexity_score']:.2f}"]
    screen.line((", ".join(told), "dim"))
    if "message" in wanted and row["body"].strip():
        screen.heading("message", color="cyan")
        screen.prose(row["body"].strip(), "cyan")
    if wanted & {"files", "diff"} and row["diff_stats"]:
        _files(screen, row, with_diffs="diff" in wanted)


def _files(screen: Screen, row: Row, *, with_diffs: bool) -> None:
    screen.heading("files", f"{row['files_changed']:,}", "green")
    shown = row["diff_stats"] if with_diffs or screen.is_whole else row["diff_stats"][:MOST]
    for one in shown:
        letter = one["change_type"]
        counts = f"  +{one['insertions']:,} -{one['deletions']:,}"
        screen.line("  ", (letter, LETTERS.get(letter, "")), f" {one['path']}", (counts, "dim"))
        if with_diffs and one["diff_text"]:
            screen.code(one["diff_text"].rstrip("\n"), "green", language="diff")
    if len(shown) < len(row["diff_stats"]):
        more = len(row["diff_stats"]) - len(shown)
        screen.line((f"  … {more:,} more; --full shows them", "dim italic"))
