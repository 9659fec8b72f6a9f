"""What a query costs: GitHub's documented rules for points and for the most nodes.

Source: docs.github.com, "Rate limits and query limits for the GraphQL API": add up the requests
needed to fulfill each unique connection, assuming that each reaches its first or last; divide by
100 and round; one point at the least. `nodes(ids:)` multiplies what is below it by its ids.
"""

from dataclasses import dataclass

from graphql import GraphQLError

from codekiln.fake_github.plans import Field, Plan

MOST_NODES = 500_000
MOST_ROWS = 100
MOST_IDS = 100
_PAGED = {"nodes", "edges", "pageInfo"}


class RefusedError(Exception):
    """GitHub does not even start such a query; `kind` is its type of error."""

    def __init__(self, kind: str, message: str, path: list[str]) -> None:
        super().__init__(message)
        self.kind = kind
        self.path = path

    def error(self) -> GraphQLError:
        """Return the error as it stands in an answer."""
        return GraphQLError(str(self), extensions={"code": self.kind})


@dataclass(slots=True)
class Cost:
    """Sums over a query: requests of connections, and nodes."""

    requests: int = 0
    nodes: int = 0

    @property
    def points(self) -> int:
        """Return the points of the query."""
        return max(1, (self.requests + 50) // 100)


def cost(plan: Plan, root: list[Field]) -> Cost:
    """Add up what `plan` costs; raises RefusedError for a query that GitHub does not run."""
    total = Cost()
    for field in root:
        times = 1
        if field.name == "nodes" and field.kind == "Node":
            times = len(field.arguments["ids"])
            total.nodes += times
            if times > MOST_IDS:
                message = (
                    f"You may not provide more than {MOST_IDS} node ids; you provided {times}."
                )
                raise RefusedError("ARGUMENT_LIMIT", message, [field.key])
        _add(plan, field, times, total, [field.key])
    if total.nodes > MOST_NODES:
        raise RefusedError(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {total.nodes:,} possible nodes which exceeds the maximum "
            f"limit of {MOST_NODES:,}.",
            [],
        )
    return total


def _add(plan: Plan, field: Field, times: int, total: Cost, path: list[str]) -> None:
    if not field.kind:
        return
    inside = times
    if field.kind.endswith("Connection"):
        total.requests += times
        inside = times * _rows(plan, field, path)
        total.nodes += inside
    seen: set[int] = set()
    for kind in plan.types_of(field):
        for one in plan.of(field, kind):
            # What a fragment on an interface selects is there for each type, and counts once.
            if id(one.nodes[0]) not in seen:
                seen.add(id(one.nodes[0]))
                _add(plan, one, inside, total, [*path, one.key])


def _rows(plan: Plan, field: Field, path: list[str]) -> int:
    asked = [field.arguments.get(name) for name in ("first", "last")]
    told = next((rows for rows in asked if rows is not None), None)
    if told is None:
        if not _PAGED & {one.name for one in plan.of(field, field.kind)}:
            return 0
        raise RefusedError(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{field.name}` "
            "connection.",
            path,
        )
    if not 0 <= told <= MOST_ROWS:
        word = "first" if asked[0] is not None else "last"
        raise RefusedError(
            "EXCESSIVE_PAGINATION",
            f"Requesting {told} records on the `{field.name}` connection exceeds the `{word}` "
            f"limit of {MOST_ROWS} records.",
            path,
        )
    return int(told)
