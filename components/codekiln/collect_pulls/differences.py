"""The three-dot difference of each pull request, with the patches of its kept files.

First come the lists of changed files, which need trees alone. What is kept, and what a kept file
may have been renamed from, is then fetched for many pull requests at once, and diffed. Renames are
those of `git diff -M` over the whole pull request, but for pairs of which only one can be Go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codekiln.collect_pulls.forks import UNREADABLE, Failed, Pull
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.git import diffs, listings, rows
from codekiln.core.git.caps import Caps
from codekiln.core.git.listings import EXACT, RENAMES, Listing
from codekiln.core.git.rows import Row

ROWS_AT_ONCE = 20_000
"""Changed files of so many are held at once, whatever the number of pull requests."""

MOST_CANDIDATES = 1000
"""Of more files that came or went, git would not look for renames, and nobody reads them."""


@dataclass(slots=True)
class Difference:
    """What one pull request changes.

    `rows` are of all changed files, in git's order, up to a limit; `kept` are the places in it of
    the kept ones, whose rows have patches if `has_patches`. Among `opened` are all files that git
    looks into for those; if it `may_rename`, it compares files that came and went.
    """

    pull: Pull
    rows: list[Row]
    kept: list[int]
    has_patches: bool
    opened: list[Row] = field(default_factory=list)
    may_rename: bool = False

    def blobs(self) -> Iterator[str]:
        """Yield the blobs that must be there before anything is diffed."""
        return (blob for row in self.opened for blob in (row.before, row.after) if blob)


def listed(mirror: Mirror, pulls: Sequence[Pull]) -> Iterator[list[Difference] | Failed]:
    """Yield the changed files of `pulls`, so many pull requests together as fit in memory."""
    limits, batch, held = mirror.limits, list[Difference](), 0
    lines = [pull.line for pull in pulls]
    found = listings.read(mirror.git, lines, limits.listed_files)
    for pull, listing in zip(pulls, found, strict=True):
        if listing is None:
            yield Failed(pull.number, UNREADABLE)
            continue
        batch.append(difference(pull, listing, limits))
        held += len(listing.rows)
        if held >= ROWS_AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def difference(pull: Pull, listing: Listing, limits: Limits) -> Difference:
    """Return what a listing tells, and what is to be fetched for more."""
    kept = [place for place, row in enumerate(listing.rows) if limits.kept.holds(row.path)]
    is_whole = listing.count == len(listing.rows)
    made = Difference(pull, listing.rows, kept, is_whole and 0 < len(kept) <= limits.files)
    if made.has_patches:
        made.may_rename = may_rename(listing.rows, limits)
        wanted = limits.kept.is_kin if made.may_rename else limits.kept.holds
        # git, too, shows a file that moved out of what is kept as one that went.
        made.opened = [
            row
            for row in listing.rows
            if limits.kept.holds(row.path) or (row.kind != "M" and any(map(wanted, paths(row))))
        ]
    return made


def paths(row: Row) -> Sequence[str]:
    """Return the one or two paths of `row`."""
    return [row.path] if row.original_path is None else [row.path, row.original_path]


def may_rename(changed: Sequence[Row], limits: Limits) -> bool:
    """Tell whether git should look for files that became, or come from, a kept one."""
    kin = [row for row in changed if row.kind in "AD" and limits.kept.is_kin(row.path)]
    kinds = {row.kind for row in kin}
    touched = any(limits.kept.holds(row.path) for row in kin)
    return len(kinds) == 2 and touched and len(kin) <= MOST_CANDIDATES


def patched(
    mirror: Mirror, batch: Sequence[Difference], sizes: Mapping[str, int]
) -> Iterator[Difference | Failed]:
    """Give the kept files of `batch` their patches; the contents of files must be there."""
    plain, renaming = [], []
    for one in batch:
        if not one.has_patches:
            yield one
        elif one.may_rename and is_small(one, sizes, mirror.limits.largest_file_bytes):
            renaming.append(one)
        else:
            plain.append(one)
    yield from diffed(mirror, plain, EXACT)
    find_renames(mirror, renaming)
    yield from diffed(mirror, renaming, RENAMES)


def is_small(one: Difference, sizes: Mapping[str, int], most: int) -> bool:
    """Tell whether no file is so large that git should not compare it with others."""
    compared = (row for row in one.opened if row.kind != "M")
    return all(sizes[b] <= most for row in compared for b in (row.before, row.after) if b)


def find_renames(mirror: Mirror, batch: Sequence[Difference]) -> None:
    """Let rows of `batch` that came and went become one row where git finds a rename."""
    kept = mirror.limits.kept
    options = (RENAMES, "--", *kept.kin_pathspecs)
    lines = [one.pull.line for one in batch]
    found = listings.read(mirror.git, lines, mirror.limits.listed_files, options)
    for one, listing in zip(batch, found, strict=True):
        if listing:
            join(one, [row for row in listing.rows if row.kind == "R"])
            one.kept = [place for place, row in enumerate(one.rows) if kept.holds(row.path)]


def join(one: Difference, renamed: Sequence[Row]) -> None:
    """Let each of `renamed` take the place of the two rows it explains, if both are there."""
    alone = {(row.kind, row.path) for row in one.rows}
    pairs = [r for r in renamed if {("A", r.path), ("D", r.original_path)} <= alone]
    came = {row.path: row for row in pairs}
    went = {row.original_path for row in pairs}
    one.rows = [
        came.get(row.path, row) if row.kind == "A" else row
        for row in one.rows
        if row.kind != "D" or row.path not in went
    ]


def diffed(
    mirror: Mirror, batch: Sequence[Difference], renames: str
) -> Iterator[Difference | Failed]:
    """Yield `batch` with the patches that one git makes of all of it."""
    limits = mirror.limits
    caps = Caps(limits.file_bytes, limits.pull_bytes, 2 * limits.listed_files)
    options = (renames, "--", *limits.kept.pathspecs)
    lines = [one.pull.line for one in batch]
    found = diffs.read(mirror.git, lines, caps, rows.make, options)
    for one, diff in zip(batch, found, strict=True):
        if diff is None:
            yield Failed(one.pull.number, UNREADABLE)
            continue
        shown = {same(row): row for row in diff.files}
        for place in one.kept:
            row = one.rows[place]
            one.rows[place] = shown.get(same(row)) or alone(mirror, one.pull, row, caps)
        yield one


def same(row: Row) -> tuple[str, str, str | None]:
    """Return what tells whether two rows are of one change."""
    return row.kind, row.path, row.original_path


def alone(mirror: Mirror, pull: Pull, row: Row, caps: Caps) -> Row:
    """Return `row` with its patch from a git of its own: it was renamed from what is not kept."""
    paths = [f":(literal){path}" for path in (row.original_path, row.path) if path]
    options = (RENAMES, "--", *paths)
    found = next(diffs.read(mirror.git, [pull.line], caps, rows.make, options), None)
    shown = {same(other): other for other in found.files} if found else {}
    return shown.get(same(row)) or replace(row, diff_truncated=True)
