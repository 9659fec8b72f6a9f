"""Which files differ between two commits, from `git diff-tree --raw` alone: no file is looked into.

Only whole files that moved unchanged are seen as renamed, for their hashes tell it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import RawIOBase

from codekiln.core.git import rows
from codekiln.core.git.command import Git
from codekiln.core.git.diffs import COMMON, output, persistently
from codekiln.core.git.rows import Row

STEP = 1 << 18

EXACT = "-M100%"
"""Renames of what did not change."""

RENAMES = "-M50%"
"""Renames of what is the same by half, as GitHub has them."""


@dataclass(slots=True)
class Listing:
    """The changed files of one diff: `rows`, the first of them, and how many there are."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0


def read(
    git: Git, lines: Sequence[str], most: int, options: Sequence[str] = (EXACT,)
) -> Iterator[Listing | None]:
    """Yield what differs for each of `lines` (a commit, and what to diff it with), in order.

    At most `most` rows of each are kept. None is one that git cannot read. `options` end the
    command line: how to find renames, and pathspecs after `--`.
    """
    return persistently(lines, lambda some: attempt(git, some, most, options))


def attempt(git: Git, lines: Sequence[str], most: int, options: Sequence[str]) -> Iterator[Listing]:
    """Yield listings until git ends; the last one only if git ended well."""
    listing: Listing | None = None
    with git.diffing(*COMMON, "--raw", *options, given=lines) as process:
        told = tokens(output(process))
        for token in told:
            if token.startswith(b":") and listing is not None:
                add(listing, token, told, most)
                continue
            if listing is not None:
                yield listing
            listing = Listing()
        if listing is not None and process.wait() == 0:
            yield listing


def add(listing: Listing, raw: bytes, told: Iterator[bytes], most: int) -> None:
    """Add the row `raw`, whose one or two paths come next."""
    path, original = next(told, b""), None
    if raw.rpartition(b" ")[2][:1] in (b"R", b"C"):
        original, path = path, next(told, b"")
    listing.count += 1
    if listing.count <= most:
        listing.rows.append(
            rows.make(raw.decode("ascii"), text(path), None if original is None else text(original))
        )


def text(path: bytes) -> str:
    r"""Return a path as text; bytes that are not UTF-8 become `\xe9`."""
    return path.decode("utf-8", "backslashreplace")


def tokens(pipe: RawIOBase) -> Iterator[bytes]:
    """Yield what stands before each NUL of `pipe`."""
    rest = b""
    while piece := pipe.read(STEP):
        first, *others = piece.split(b"\0")
        if not others:
            rest += first
            continue
        yield rest + first
        rest = others.pop()
        yield from others
