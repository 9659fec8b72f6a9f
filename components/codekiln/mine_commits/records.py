"""Making the record of one commit from its object, its diff and its place in the graph."""

import re

from codekiln.core.corpus.commits import Commit, FileChange, Unit
from codekiln.core.git.commit_object import CommitObject
from codekiln.core.git.patches import CommitDiff
from codekiln.mine_commits import complexity, conventions, units
from codekiln.mine_commits.file_changes import scored
from codekiln.mine_commits.ranges import Known

WHOLE, CAPPED, BOUNDARY, UNREADABLE = "whole", "capped", "boundary", "unreadable"
DAY_S, HOUR_S = 86400, 3600

BLANKS = " \t\r\n"
"""What git takes for blanks (isspace in its git-compat-util.h)."""
LEADING = re.compile(r"\A(?:[ \t\r]*\n)+")
BLANK = re.compile(r"\n[ \t\r]*\n")

THURSDAY = 3
"""The day of the week on which 1970 began; Monday is 0."""


def record(
    known: Known,
    made: CommitObject,
    diff: CommitDiff[FileChange] | None,
    related: list[str],
    *,
    resolved_conflicts: bool,
) -> Commit:
    """Make the record of one commit; `diff` is None where there is none to be had.

    `related` are the full hashes of the commits that its message names.
    """
    subject, body = split(made.message)
    shown = diff or CommitDiff()
    lines = shown.insertions + shown.deletions
    author_time, committer_time = times(made)
    hour, day = work_time(author_time, made.author.when.offset_minutes)
    is_merge = len(made.parents) > 1
    paths = (file.path for file in shown.files)
    return Commit(
        order=known.order,
        hash=known.sha,
        abbrev_hash=known.abbreviation,
        parents=made.parents,
        tree_hash=made.tree,
        author_name=made.author.name,
        author_email=made.author.email,
        author_time=author_time,
        author_timezone=made.author.when.zone,
        author_utc_offset_minutes=made.author.when.offset_minutes,
        committer_name=made.committer.name,
        committer_email=made.committer.email,
        committer_time=committer_time,
        committer_timezone=made.committer.when.zone,
        committer_utc_offset_minutes=made.committer.when.offset_minutes,
        dates_are_sane=made.author.when.is_sane and made.committer.when.is_sane,
        encoding=made.encoding,
        subject=subject,
        body=body,
        full_message=made.message,
        message_truncated=made.is_cut,
        is_signed=made.is_signed,
        is_root=not made.parents,
        is_merge=is_merge,
        is_squash=conventions.is_squash(subject, made.message, len(made.parents)),
        is_fixup=conventions.is_fixup(subject),
        is_revert=conventions.is_revert(subject, made.message),
        branches=list(known.branches),
        branch_count=known.branch_count,
        tags=list(known.tags),
        files_added=shown.types.count("A"),
        files_modified=shown.types.count("M") + shown.types.count("T"),
        files_deleted=shown.types.count("D"),
        files_renamed=shown.types.count("R"),
        files_binary=shown.binary,
        files_changed=shown.changed,
        insertions=shown.insertions,
        deletions=shown.deletions,
        diff_stats=scored(shown.files),
        diff_status=status(known, diff),
        diff_bytes=shown.size,
        merge_parents=made.parents if is_merge else [],
        merge_base=known.merge_base,
        resolved_conflicts=resolved_conflicts,
        related_issues=conventions.issues(made.message),
        related_commits=related,
        time_since_parent=known.time_since_parent,
        work_hour=hour,
        day_of_week=day,
        complexity_score=complexity.score(lines, shown.changed, is_merge=is_merge),
        is_high_risk=complexity.is_high_risk(lines, shown.changed),
        units=[Unit(name=name, files=files) for name, files in units.count(paths)],
    )


def split(message: str) -> tuple[str, str]:
    """Return subject and body of a message, which git parts at the first blank line.

    A line of blanks alone is a blank one, so a message written with CRLF has a body too. The
    lines of a subject become one, each without the blanks around it.
    """
    text = LEADING.sub("", message)
    blank = BLANK.search(text)
    first, rest = (text[: blank.start()], text[blank.end() :]) if blank else (text, "")
    lines = first.strip(BLANKS).split("\n")
    return " ".join([line.strip(BLANKS) for line in lines]), LEADING.sub("", rest).rstrip("\r\n")


def times(made: CommitObject) -> tuple[int, int]:
    """Return author's and committer's time; a broken one is the other's, or 0."""
    author, committer = made.author.when.seconds, made.committer.when.seconds
    written = author if author is not None else committer
    applied = committer if committer is not None else author
    return written or 0, applied or 0


def work_time(seconds: int, offset_minutes: int) -> tuple[int, int]:
    """Return hour (0 to 23) and day of the week (Monday 0) in a zone."""
    local = seconds + 60 * offset_minutes
    return local % DAY_S // HOUR_S, (local // DAY_S + THURSDAY) % 7


def status(known: Known, diff: CommitDiff[FileChange] | None) -> str:
    """Say how much of the diff there is."""
    if known.is_boundary:
        return BOUNDARY
    if diff is None:
        return UNREADABLE
    return CAPPED if diff.is_capped else WHOLE
