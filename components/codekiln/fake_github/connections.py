"""GraphQL connections: cursors that hold their place while rows come and go."""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST = 100
_MARK = b"cursor:v2:"
Rank = tuple[int, ...]


class CursorError(ValueError):
    """A cursor is not one of ours."""

    kind = "INVALID_CURSOR_ARGUMENTS"


def cursor(rank: Rank) -> str:
    """Write the place `rank` as an opaque cursor."""
    return base64.b64encode(_MARK + json.dumps(rank, separators=(",", ":")).encode()).decode()


def rank_of(text: str) -> Rank:
    """Read a cursor; raises CursorError for one that this GitHub never gave."""
    try:
        plain = base64.b64decode(text, validate=True)
        return tuple(map(int, json.loads(plain.removeprefix(_MARK))))
    except (ValueError, TypeError) as error:
        raise CursorError(f"`{text}` does not appear to be a valid cursor.") from error


class Connection:
    """The rows of `order`, which rise in `rank`, as asked for by first, last, after and before."""

    __slots__ = ("_make", "_order", "_rank", "found", "kind", "start", "stop", "total", "typename")

    def __init__(
        self,
        kind: str,
        order: Sequence[int],
        make: Callable[[int], Any],
        arguments: Mapping[str, Any],
        rank: Callable[[int], Rank] = lambda one: (one,),
    ) -> None:
        self.kind, self.typename = kind, kind + "Connection"
        self.total = self.found = len(order)
        self._order, self._make, self._rank = order, make, rank
        after, before = arguments.get("after"), arguments.get("before")
        self.start = bisect_right(order, rank_of(after), key=rank) if after else 0
        self.stop = bisect_left(order, rank_of(before), key=rank) if before else self.total
        if (first := arguments.get("first")) is not None:
            self.stop = min(self.stop, self.start + first)
        elif (last := arguments.get("last")) is not None:
            self.start = max(self.start, self.stop - last)

    def rows(self) -> Sequence[int]:
        """Return the rows that were asked for."""
        return self._order[self.start : self.stop]

    def nodes(self) -> list[Any]:
        """Return the nodes that were asked for."""
        return [self._make(row) for row in self.rows()]

    def edges(self) -> list["Edge"]:
        """Return the nodes with their cursors."""
        kind = f"{self.kind}Edge"
        return [Edge(kind, cursor(self._rank(row)), self._make(row)) for row in self.rows()]

    def ends(self) -> tuple[str | None, str | None]:
        """Return the cursors of the first and of the last row."""
        rows = self.rows()
        if not rows:
            return None, None
        return cursor(self._rank(rows[0])), cursor(self._rank(rows[-1]))


class Edge:
    """A node with its place."""

    __slots__ = ("cursor", "node", "typename")

    def __init__(self, typename: str, place: str, node: Any) -> None:
        self.typename, self.cursor, self.node = typename, place, node


def fields(kind: str) -> dict[str, dict[str, Callable[[Any, Mapping[str, Any]], Any]]]:
    """Return the resolvers of the connection and the edge of nodes of the type `kind`."""
    return {
        f"{kind}Connection": {
            "nodes": lambda one, _: one.nodes(),
            "edges": lambda one, _: one.edges(),
            "totalCount": lambda one, _: one.total,
            "pageInfo": lambda one, _: PageInfo(one),
        },
        f"{kind}Edge": {"cursor": lambda one, _: one.cursor, "node": lambda one, _: one.node},
    }


class PageInfo:
    """Where a page of a connection lies."""

    __slots__ = ("of",)
    typename = "PageInfo"

    def __init__(self, of: Connection) -> None:
        self.of = of


PAGE_INFO: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "hasNextPage": lambda one, _: one.of.stop < one.of.total,
    "hasPreviousPage": lambda one, _: one.of.start > 0,
    "startCursor": lambda one, _: one.of.ends()[0],
    "endCursor": lambda one, _: one.of.ends()[1],
}
