"""The hunks of a patch, held against the two texts that it tells of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEADER = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
"""Numbers of the first line, from 1, and how many lines; one line has no number."""


class TornError(ValueError):
    """A patch does not fit the texts: it was cut, or is of others."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some neighboring lines before and after, with git's lines of context around what changed.

    Lines count from 0. `removed` and `added` are the lines that changed, in the texts before and
    after; where lines are only taken out, `place` is the line after that stands behind the gap.
    """

    before_start: int
    after_start: int
    before: str
    after: str
    removed: Sequence[int]
    added: Sequence[int]
    place: int

    @property
    def after_stop(self) -> int:
        """Return the line behind the last."""
        return self.after_start + self.after.count("\n")


def hunks(patch: str, before: str, after: str) -> list[Hunk]:
    """Return the hunks of `patch`; raises TornError if one is not what the texts hold."""
    old, new = lines(before), lines(after)
    return [_hunk(header, body, old, new) for header, body in _cut(patch)]


def lines(text: str) -> list[str]:
    """Cut `text` where git does, after each line feed and nowhere else."""
    cut = text.split("\n")
    return [line + "\n" for line in cut[:-1]] + ([cut[-1]] if cut[-1] else [])


def _cut(patch: str) -> Iterator[tuple["re.Match[str]", list[str]]]:
    """Yield the header and the lines of each hunk."""
    header: re.Match[str] | None = None
    body: list[str] = []
    for line in patch.removesuffix("\n").split("\n"):
        found = HEADER.match(line)
        if found is None:
            body.append(line)
            continue
        if header is not None:
            yield header, body
        header, body = found, []
    if header is not None:
        yield header, body


def _hunk(
    header: "re.Match[str]", body: Sequence[str], old: Sequence[str], new: Sequence[str]
) -> Hunk:
    start, count, after_start, after_count = (
        int(header[n]) if header[n] is not None else 1 for n in (1, 2, 3, 4)
    )
    # With no line on one side git names the line before the gap (0 at the top).
    first = start - (count > 0)
    second = after_start - (after_count > 0)
    before, after = old[first : first + count], new[second : second + after_count]
    removed, added = _changed(body, first, second)
    if _sides(body) != ([_bare(line) for line in before], [_bare(line) for line in after]):
        raise TornError
    place = added[0] if added else second + _leading(body)
    return Hunk(first, second, "".join(before), "".join(after), removed, added, place)


def _sides(body: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines before and after that a hunk shows."""
    return (
        [line[1:] for line in body if line[:1] in (" ", "-", "")],
        [line[1:] for line in body if line[:1] in (" ", "+", "")],
    )


def _bare(line: str) -> str:
    return line.removesuffix("\n")


def _changed(body: Sequence[str], first: int, second: int) -> tuple[list[int], list[int]]:
    """Return the numbers of the lines that went and that came."""
    removed: list[int] = []
    added: list[int] = []
    for line in body:
        mark = line[:1]
        if mark == "-":
            removed.append(first)
        if mark == "+":
            added.append(second)
        first += mark in (" ", "-", "")
        second += mark in (" ", "+", "")
    return removed, added


def _leading(body: Sequence[str]) -> int:
    """Return how many lines stand before the first that changed."""
    return next((n for n, line in enumerate(body) if line[:1] in ("-", "+")), len(body))
