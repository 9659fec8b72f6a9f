"""GET /search/repositories: qualifiers, sorts, and the ceiling of 1,000 results."""

import re
from collections.abc import Callable, Mapping, Sequence

from codekiln.fake_github import moments
from codekiln.fake_github.messages import JSON, Asked, Said, problem
from codekiln.fake_github.paging import Page, link_header
from codekiln.fake_github.payloads import Payloads
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.world import World

CEILING = 1_000
_QUALIFIER = re.compile(r'(-?)([a-z-]+):("[^"]*"|\S+)')
_DOCS = "rest/search/search"

Test = Callable[[Repository], bool]


class QueryError(ValueError):
    """A search that GitHub answers with 422."""


def answer(world: World, asked: Asked, write: Payloads, page: Page) -> Said:
    """Answer a search; a page past the ceiling is refused with 422."""
    rows = page.rows
    if rows.start >= CEILING:
        return problem(422, "Only the first 1000 search results are available", _DOCS)
    try:
        found = matching(world, asked.params.get("q", ""), asked.params)
    except QueryError as error:
        return problem(422, "Validation Failed", _DOCS, errors=[{"message": str(error)}])
    shown = found[: min(CEILING, rows.stop)][rows]
    items = ",".join(write.repository(one, extra=',"score":1.0') for one in shown)
    body = f'{{"total_count":{len(found)},"incomplete_results":false,"items":[{items}]}}'
    said = Said(200, body.encode(), {"content-type": JSON}, len(shown))
    url = f"{asked.base}{asked.path}"
    if links := link_header(url, asked, page, min(len(found), CEILING)):
        said.headers["link"] = links
    return said


def matching(world: World, query: str, params: Mapping[str, str]) -> list[Repository]:
    """Return all repositories that a search finds, best first; raises QueryError."""
    tests = list(parse(query))
    found = [one for one in world if _public(one) and all(test(one) for test in tests)]
    _sort(found, params)
    return found


def parse(query: str) -> Sequence[Test]:
    """Read the qualifiers of a search; raises QueryError."""
    if not query.strip():
        raise QueryError("The search is missing its q")
    if len(query) > 256:
        raise QueryError("The search is longer than 256 characters.")
    tests = []
    for minus, name, value in _QUALIFIER.findall(query):
        test = _test(name, value.strip('"'))
        tests.append((lambda one, t=test: not t(one)) if minus else test)
    if "fork" not in {name for _, name, _ in _QUALIFIER.findall(query)}:
        tests.append(lambda one: not one.spec.fork)
    words = _QUALIFIER.sub(" ", query).lower().split()
    tests += [
        lambda one, w=word: w in f"{one.name} {one.spec.description}".lower() for word in words
    ]
    return tests


def _test(name: str, value: str) -> Test:
    if name in _NUMBERS:
        number = _NUMBERS[name]
        low, high = _span(value, float)
        return lambda one: low <= number(one) <= high
    if name in _TIMES:
        moment = _TIMES[name]
        low, high = _span(value, _time)
        return lambda one: low <= moment(one) <= high
    if name in _TEXTS:
        return lambda one: _TEXTS[name](one, value.lower())
    raise QueryError(f"The qualifier {name} is not one that this GitHub knows")


_NUMBERS: Mapping[str, Callable[[Repository], float]] = {
    "stars": lambda one: one.spec.stars,
    "size": lambda one: one.spec.size_kib,
    "forks": lambda one: one.spec.stars // 7,
}
_TIMES: Mapping[str, Callable[[Repository], float]] = {
    "created": lambda one: one.created_at,
    "pushed": lambda one: one.pushed_at,
}
_TEXTS: Mapping[str, Callable[[Repository, str], bool]] = {
    "language": lambda one, value: (one.spec.language or "").lower() == value,
    "license": lambda one, value: (one.spec.license or "").lower() == value,
    "archived": lambda one, value: one.spec.archived == (value == "true"),
    "fork": lambda one, value: value == "true" or one.spec.fork == (value == "only"),
    "is": lambda _, value: value == "public",
    "user": lambda one, value: one.owner.lower() == value,
    "org": lambda one, value: one.owner.lower() == value,
    "repo": lambda one, value: one.name.lower() == value,
    "topic": lambda _, value: value == "go",
    "mirror": lambda _, value: value == "false",
    "template": lambda _, value: value == "false",
}


def _span(value: str, read: Callable[[str], float]) -> tuple[float, float]:
    """Read `5`, `>5`, `>=5`, `<5`, `<=5`, `1..5`, `1..*` or `*..5`; a date means its whole day."""
    slack = 86_399 if read is _time and "T" not in value else 0
    tiny = 1 if read is _time else 1e-9
    try:
        if ".." in value:
            low, high = value.split("..", 1)
            return (
                float("-inf") if low == "*" else read(low),
                float("inf") if high == "*" else read(high) + slack,
            )
        if match := re.fullmatch(r"([<>]=?)(.+)", value):
            sign, bound = match[1], read(match[2])
            return {
                ">": (bound + slack + tiny, float("inf")),
                ">=": (bound, float("inf")),
                "<": (float("-inf"), bound - tiny),
                "<=": (float("-inf"), bound + slack),
            }[sign]
        return read(value), read(value) + slack
    except ValueError as error:
        raise QueryError(f"{value} is not a number, a date or a range of them") from error


def _time(text: str) -> float:
    return moments.seconds(text.replace("+00:00", "Z"))


def _public(one: Repository) -> bool:
    return not one.gone and not one.spec.private


def _stars(one: Repository) -> float:
    return one.spec.stars


def _pushed(one: Repository) -> float:
    return one.pushed_at


def _sort(found: list[Repository], params: Mapping[str, str]) -> None:
    by = params.get("sort", "")
    ascending = params.get("order") == "asc" and bool(by)
    key = _pushed if by == "updated" else _stars
    found.sort(key=lambda one: (key(one) if ascending else -key(one), one.id))
