"""How a commit reads: who, when, why, which files, what changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from codekiln.core.corpus import commits
from codekiln.tokenize import markers

COLUMNS = (
    "author_name",
    "author_time",
    "author_utc_offset_minutes",
    "dates_are_sane",
    "full_message",
    "diff_stats",
)
"""What of a commit its text is made from."""


class Text(NamedTuple):
    """The text of a commit, and whether some of it was cut off."""

    text: str
    is_cut: bool


def texts(folder: Path, longest: int, every: int = 1) -> Iterator[Text]:
    """Yield the text of every `every`-th commit of `folder`, in time order."""
    for number, row in enumerate(commits.in_time_order(folder, COLUMNS)):
        if number % every == 0:
            yield compose(head(row) + body(row["diff_stats"]), longest)


def head(row: Mapping[str, Any]) -> str:
    """Return the part of a commit that a person wrote for people."""
    return (
        f"{markers.COMMIT}{markers.AUTHOR}{markers.remove(row['author_name'])}"
        f"{markers.DATE}{date(row)}{markers.MESSAGE}{markers.remove(row['full_message'].strip())}"
    )


def date(row: Mapping[str, Any]) -> str:
    """Say when the author wrote, by the clock on the author's wall; nothing if none can say."""
    if not row["dates_are_sane"]:
        return ""
    zone = timezone(timedelta(minutes=row["author_utc_offset_minutes"]))
    written = datetime.fromtimestamp(row["author_time"], UTC).astimezone(zone)
    return written.strftime("%Y-%m-%d %H:%M %z")


def body(changes: Sequence[Mapping[str, Any]]) -> str:
    """Return the list of files, and their diffs one after the other."""
    files = "\n".join(
        f"{c['change_type']} {c['path']} +{c['insertions']} -{c['deletions']}" for c in changes
    )
    diffs = "\n".join(f"--- {c['path']}\n{c['diff_text']}" for c in changes if c["diff_text"])
    return f"{markers.FILES}{markers.remove(files)}{markers.DIFF}{markers.remove(diffs)}"


def compose(whole: str, longest: int) -> Text:
    """End a commit's text, cut to at most `longest` characters, at a line end if one is near."""
    if len(whole) <= longest:
        return Text(whole + markers.END, is_cut=False)
    return Text(whole[: _line_end(whole, longest)] + markers.END, is_cut=True)


def _line_end(text: str, longest: int) -> int:
    """Return where to cut: after the last whole line, unless that loses half; never in a marker."""
    end = text.rfind("\n", 0, longest)
    if end > longest // 2:
        return end
    return next((at for at, stop in markers.places(text) if at < longest < stop), longest)
