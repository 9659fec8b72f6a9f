"""How much a commit, or a change of one file, asks of its reader."""

LINES, FILES = 500, 50
"""A commit of so many lines, or files, has the full score for them."""

RISKY_LINES, RISKY_FILES = 500, 20
MERGE_FACTOR = 1.5


def score(lines: int, files: int, *, is_merge: bool) -> float:
    """Return a score from 0 to 1 for a commit of `lines` inserted and deleted in `files`."""
    plain = 0.6 * min(lines / LINES, 1) + 0.4 * min(files / FILES, 1)
    return min(1.0, plain * (MERGE_FACTOR if is_merge else 1))


def is_high_risk(lines: int, files: int) -> bool:
    """Tell whether a commit is too large to be reviewed well."""
    return lines > RISKY_LINES or files > RISKY_FILES


def file_score(lines: int, hunks: int) -> float:
    """Return the score of one file: that of a commit, with hunks in the place of files."""
    return score(lines, hunks, is_merge=False)
