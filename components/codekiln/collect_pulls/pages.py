"""Walking a list of GitHub's from its newest row down, a hundred rows a call.

Rows that appear at the top while we walk push the others down: a row may come twice, none is
skipped. Whoever walks knows what it has seen.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from codekiln.core.github.client import GitHub

SIZE = 100
"""A page costs one call, whatever its size: ask for the largest."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` counts from 1."""

    number: int
    rows: list[Mapping[str, Any]]
    is_last: bool

    @property
    def missing(self) -> int:
        """Rows that a page in the middle of a list should hold and does not: GitHub hides some."""
        return 0 if self.is_last else SIZE - len(self.rows)


async def page(github: GitHub, path: str, params: Mapping[str, str | int], number: int) -> Page:
    """Return one page of the list at `path`."""
    answer = await github.get(path, {**params, "per_page": SIZE, "page": number})
    return Page(number, answer.body, not answer.has_next)


async def walk(
    github: GitHub, path: str, params: Mapping[str, str | int], first: int = 1
) -> AsyncIterator[Page]:
    """Yield the pages of the list at `path` from the page `first` to the last."""
    number, is_last = first, False
    while not is_last:
        found = await page(github, path, params, number)
        yield found
        number, is_last = number + 1, found.is_last
