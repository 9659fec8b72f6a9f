"""The changed files of a pull request as records: statuses in GitHub's words, patches, contents."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence

from codekiln.collect_pulls.differences import Difference
from codekiln.collect_pulls.limits import Limits
from codekiln.core.corpus.pulls import ChangedFile
from codekiln.core.git import objects
from codekiln.core.git.decoding import decoded
from codekiln.core.git.rows import Row

STATUS = {
    "A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed",
}  # fmt: skip

LOOKED_AT = 8000
"""A NUL among so many bytes makes a file binary, for git too."""

Sizes = Mapping[str, int]


def files(
    reader: subprocess.Popen[bytes], one: Difference, sizes: Sizes, limits: Limits
) -> tuple[ChangedFile, ...]:
    """Return the changed files of one pull request; `reader` is a `cat-file --batch`."""
    rows = [one.rows[place] for place in one.kept] if one.has_patches else []
    wanted = fitting(rows, sizes, limits)
    held = {sha: found.data for sha, found in objects.asked(reader, wanted)}
    kept = set(one.kept)
    return tuple(
        changed(row, held, sizes, limits)
        if place in kept and one.has_patches
        else unopened(row, left_out=place in kept)
        for place, row in enumerate(one.rows)
    )


def fitting(rows: Sequence[Row], sizes: Sizes, limits: Limits) -> list[str]:
    """Return the contents that fit beside the patches, in order; each is read once."""
    room = limits.pull_bytes - sum(len(row.diff_text) for row in rows)
    found = dict[str, None]()
    for row in rows:
        both = sum(sizes[sha] for sha in sides(row))
        if both <= room and all(sizes[sha] <= limits.file_bytes for sha in sides(row)):
            room -= both
            found |= dict.fromkeys(sides(row))
    return list(found)


def sides(row: Row) -> Iterator[str]:
    """Yield the blobs of `row`, one or two."""
    return (blob for blob in (row.before, row.after) if blob)


def changed(row: Row, held: Mapping[str, bytes], sizes: Sizes, limits: Limits) -> ChangedFile:
    """Return the record of a kept file."""
    too_large = any(sizes[sha] > limits.largest_file_bytes for sha in sides(row))
    left_out = any(sha not in held for sha in sides(row))
    return ChangedFile(
        path=row.path,
        original_path=row.original_path,
        status=STATUS.get(row.kind, "changed"),
        additions=row.insertions,
        deletions=row.deletions,
        # git calls binary, too, what it was told is too large to be diffed.
        binary=row.is_binary and not too_large,
        patch=row.diff_text.removesuffix("\n"),
        before=content(held, row.before),
        after=content(held, row.after),
        truncated=row.diff_truncated or too_large or left_out,
    )


def content(held: Mapping[str, bytes], sha: str | None) -> str | None:
    """Return a content as text, None where there is none or it is no text."""
    data = held.get(sha) if sha else None
    return None if data is None or b"\0" in data[:LOOKED_AT] else decoded(data)


def unopened(row: Row, *, left_out: bool) -> ChangedFile:
    """Return the record of a file that nobody looks into, be it unwanted or `left_out`."""
    return ChangedFile(
        path=row.path,
        original_path=row.original_path,
        status=STATUS.get(row.kind, "changed"),
        additions=0,
        deletions=0,
        binary=False,
        patch="",
        before=None,
        after=None,
        truncated=left_out,
    )
