"""Walking a list of GitHub's from its newest row down, a hundred rows a call.

Rows that appear at the top while we walk push the others down: a row may come twice. One that
vanishes draws the others up, and the first row that was not read onto a page that was: so each
page below another begins with a look, one row wide, at where the other ended. None is skipped;
whoever walks knows what it has seen.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from codekiln.core.github.client import GitHub

SIZE = 100
"""A page costs one call, whatever its size: ask for the largest."""

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` counts from 1.

    `missing` are the rows that a page in the middle of a list should hold and does not: GitHub
    hides some.
    """

    number: int
    rows: list[Mapping[str, Any]]
    is_last: bool
    missing: int


async def page(github: GitHub, path: str, params: Params, number: int) -> Page:
    """Return one page of the list at `path`; `params` sort it by a moment, newest first."""
    answer = await github.get(path, {**params, "per_page": SIZE, "page": number})
    is_last = not answer.has_next
    return Page(number, answer.body, is_last, 0 if is_last else SIZE - len(answer.body))


async def below(github: GitHub, path: str, params: Params, above: Page | None) -> Page:
    """Return the page after `above`, headed by the rows that were drawn onto it since it was read.

    Without `above` it is the first page of the list.
    """
    found = await page(github, path, params, above.number + 1 if above else 1)
    if above is None or await _is_in_place(github, path, params, above):
        return found
    seen = {row["id"] for row in above.rows}
    again = await page(github, path, params, above.number)
    drawn = [row for row in again.rows if row["id"] not in seen]
    return replace(found, rows=[*drawn, *found.rows])


async def _is_in_place(github: GitHub, path: str, params: Params, above: Page) -> bool:
    """Say whether the place of the last row of `above` holds it still, or a newer row."""
    if not above.rows:
        return True
    place = {**params, "per_page": 1, "page": above.number * SIZE}
    last, by = above.rows[-1], f"{params['sort']}_at"
    rows = (await github.get(path, place)).body
    return any(row["id"] == last["id"] or row[by] > last[by] for row in rows)


async def walk(
    github: GitHub, path: str, params: Params, above: Page | None = None
) -> AsyncIterator[Page]:
    """Yield the pages of the list at `path` to the last; with `above`, those after it."""
    while above is None or not above.is_last:
        above = await below(github, path, params, above)
        yield above
