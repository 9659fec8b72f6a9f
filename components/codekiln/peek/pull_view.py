"""A pull request on a screen: its text, its talk, its commits, the files that it changed."""

from collections.abc import Collection, Mapping
from typing import Any

from codekiln.peek.screen import Screen

Row = Mapping[str, Any]
SECTIONS = ("body", "talk", "commits", "files", "patch")
MOST = 12
"""Lines of a list that are not asked for whole."""


def show(screen: Screen, row: Row, sections: Collection[str]) -> None:
    """Write one pull request; patches only where `sections` names them."""
    _head(screen, row)
    wanted = set(sections or ("body", "talk", "commits", "files"))
    if "body" in wanted and row["body"].strip():
        screen.heading("body", f"{len(row['body']):,} characters", "cyan")
        screen.prose(row["body"].strip(), "cyan")
    if "talk" in wanted:
        _talk(screen, row)
    if "commits" in wanted and row["commits"]:
        screen.heading("commits", f"{len(row['commits']):,}", "blue")
        _list(screen, [(one["sha"][:9], _first_line(one["message"])) for one in row["commits"]])
    if wanted & {"files", "patch"}:
        _files(screen, row, with_patches="patch" in wanted)


def _head(screen: Screen, row: Row) -> None:
    screen.line((f"{row['repository']} #{row['number']}", "bold"), f"  {row['title']}")
    merged = f"merged {row['merged_at']:%Y-%m-%d}" if row["merged_at"] else row["state"]
    told = [
        f"{merged} by {row['author'] or 'ghost'}",
        f"+{row['additions']:,} -{row['deletions']:,}",
    ]
    told += [f"checks {row['ci_state']}"] if row["ci_state"] else []
    told += [f"labels {', '.join(row['labels'])}"] if row["labels"] else []
    told += [f"closes #{one['number']}" for one in row["closing_issues"]]
    screen.line((", ".join(told), "dim"))
    screen.line(
        (f"{row['license']}  base {row['base_sha'][:9]}  head {row['head_sha'][:9]}", "dim")
    )


def _talk(screen: Screen, row: Row) -> None:
    said = [(one["author"], one["body"]) for one in row["comments"]]
    said += [(f"{one['author']} {one['state']}", one["body"]) for one in row["reviews"]]
    said += [(f"{one['author']} on {one['path']}", one["body"]) for one in row["review_comments"]]
    if said:
        screen.heading("talk", f"{len(said):,} comments and reviews", "magenta")
        _list(screen, [(who, _first_line(what)) for who, what in said])


def _files(screen: Screen, row: Row, *, with_patches: bool) -> None:
    screen.heading("files", f"{len(row['files']):,} of {row['changed_files']:,}", "green")
    shown = row["files"] if with_patches or screen.is_whole else row["files"][:MOST]
    for one in shown:
        cut = ", cut" if one["truncated"] else ""
        counts = f"  +{one['additions']:,} -{one['deletions']:,}{cut}"
        screen.line("  ", (one["status"], "dim"), f" {one['path']}", (counts, "dim"))
        if with_patches and one["patch"]:
            screen.code(one["patch"].rstrip("\n"), "green", language="diff")
    _more(screen, len(row["files"]) - len(shown))


def _list(screen: Screen, rows: list[tuple[str, str]]) -> None:
    shown = rows if screen.is_whole else rows[:MOST]
    for name, text in shown:
        screen.line("  ", (name, "dim"), f" {text}")
    _more(screen, len(rows) - len(shown))


def _more(screen: Screen, many: int) -> None:
    if many:
        screen.line((f"  … {many:,} more; --full shows them", "dim italic"))


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]
