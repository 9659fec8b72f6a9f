"""Pages of a REST list: what was asked for, and the Link header that tells of the others."""

from dataclasses import dataclass
from urllib.parse import urlencode

from codekiln.fake_github.messages import Asked

PER_PAGE, MOST_PER_PAGE = 30, 100


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list were asked for."""

    number: int
    size: int

    @property
    def rows(self) -> slice:
        """Return the place of the rows in the list."""
        return slice((self.number - 1) * self.size, self.number * self.size)


def page_of(asked: Asked) -> Page:
    """Read `page` and `per_page` as GitHub does: nonsense means the default."""
    size = _whole(asked.params.get("per_page", ""), PER_PAGE)
    return Page(_whole(asked.params.get("page", ""), 1), min(size, MOST_PER_PAGE))


def _whole(told: str, default: int) -> int:
    return int(told) if told.isdecimal() and int(told) > 0 else default


def link_header(url: str, asked: Asked, page: Page, total: int) -> str:
    """Return a Link header with prev, next, last and first, as far as there are such pages."""
    last = max((total + page.size - 1) // page.size, 1)
    pages = {}
    if page.number > 1:
        pages["prev"] = min(page.number - 1, last)
    if page.number < last:
        pages |= {"next": page.number + 1, "last": last}
    if page.number > 1:
        pages["first"] = 1
    links = []
    for name, number in pages.items():
        query = urlencode({**asked.params, "page": str(number)})
        links.append(f'<{url}?{query}>; rel="{name}"')
    return ", ".join(links)
