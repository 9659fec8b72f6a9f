"""POST /graphql: checks a query, counts its points, and answers it, whole or in part."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError, execute_sync
from graphql.language import ast

from codekiln.fake_github import node_ids, plans
from codekiln.fake_github.accounts import Account
from codekiln.fake_github.connections import Connection, CursorError
from codekiln.fake_github.cost import Cost, RefusedError, cost
from codekiln.fake_github.graph import (
    FieldError,
    IssueNode,
    NotFoundError,
    PullNode,
    RepositoryNode,
)
from codekiln.fake_github.limits import Bucket
from codekiln.fake_github.messages import JSON, Asked, Said, problem
from codekiln.fake_github.moments import stamp
from codekiln.fake_github.plans import Arguments, Field, Plan, Resolve
from codekiln.fake_github.resolvers import RESOLVERS
from codekiln.fake_github.search import CEILING, QueryError, matching
from codekiln.fake_github.small import Small
from codekiln.fake_github.world import World

_NAME = re.compile(r"\b(?:query|mutation)\s+(\w+)")


class GraphQL:
    """The GraphQL API over a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, asked: Asked, bucket: Bucket) -> Said:
        """Answer a request, paid from `bucket`."""
        try:
            told = json.loads(asked.body)
            query, variables = str(told["query"]), dict(told.get("variables") or {})
        except (ValueError, KeyError, TypeError):
            return problem(400, "Problems parsing JSON", "graphql")
        document, errors = plans.checked(query)
        if document is None or errors:
            return _refusal(errors)
        return Run(self.world, bucket).answer(document, told.get("operationName"), variables)

    def name_of(self, asked: Asked) -> str:
        """Return the name of the query in a request."""
        match = _NAME.search(asked.body.decode(errors="replace"))
        return match[1] if match else ""


class Run:
    """One query being answered."""

    def __init__(self, world: World, bucket: Bucket) -> None:
        self.world = world
        self.bucket = bucket
        self.cost = Cost()
        self.errors: list[dict[str, Any]] = []
        self.rows = 0
        self.key = ""
        query: dict[str, Resolve] = {
            "id": plans.constant("Q_kgAC"),
            "node": lambda _, told: self.node(told["id"], []),
            "nodes": lambda _, told: self.nodes(told["ids"]),
            "repository": lambda _, told: self.repository(told),
            "rateLimit": lambda *_: self.rate_limit(),
            "search": lambda _, told: self.search(told),
            "viewer": lambda *_: Account("User", (1, "U_kgDOAAAAAQ"), "collector", "Collector"),
        }
        self.resolvers: Mapping[str, Mapping[str, Resolve]] = {**RESOLVERS, "Query": query}

    def answer(
        self, document: ast.DocumentNode, name: str | None, variables: Mapping[str, Any]
    ) -> Said:
        """Answer a valid document."""
        plan = plans.plan(document, name, variables, self.resolvers)
        if not isinstance(plan, Plan):
            return _refusal(plan)
        if any(field in ("__schema", "__type") for field in _root_names(plan)):
            return Said.of_json({"data": execute_sync(plans.schema(), document).data})
        try:
            root = plan.root()
            self.cost = cost(plan, root)
        except RefusedError as error:
            return _said({"errors": [_refused(error)]}, 1)
        except GraphQLError as error:
            return _refusal([error])
        data = self._object(plan, root, None)
        told: dict[str, Any] = {"data": data}
        if self.errors:
            told["errors"] = self.errors
        said = _said(told, self.cost.points)
        said.rows, said.work = self.rows, self.cost.requests
        return said

    def _object(self, plan: Plan, fields: Sequence[Field], source: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in fields:
            self.key = field.key
            try:
                value = field.resolve(source, field.arguments)
            except (FieldError, CursorError) as error:
                self._failed(error.kind, str(error), [field.key])
                value = None
            if field.kind and value is not None:
                value = self._inside(plan, field, value)
            made[field.key] = value
        return made

    def _inside(self, plan: Plan, field: Field, value: Any) -> Any:
        if not isinstance(value, list):
            return self._object(plan, plan.of(field, value.typename), value)
        self.rows += len(value)
        return [
            None if one is None else self._object(plan, plan.of(field, one.typename), one)
            for one in value
        ]

    def _failed(self, kind: str, message: str, path: Sequence[str | int]) -> None:
        self.errors.append({"type": kind, "path": list(path), "message": message})

    def nodes(self, ids: Sequence[str]) -> list[Any]:
        """Resolve global ids; what is gone is null, with an error of its own."""
        return [self.node(one, [place]) for place, one in enumerate(ids)]

    def node(self, node_id: str, place: list[int]) -> Any:
        """Resolve one global id."""
        found = self._find(node_id)
        if found is None:
            message = f"Could not resolve to a node with the global id of '{node_id}'"
            self._failed("NOT_FOUND", message, [self.key, *place])
        return found

    def _find(self, node_id: str) -> RepositoryNode | PullNode | IssueNode | None:
        kind, ids = node_ids.decode(node_id) or ("", ())
        if len(ids) != {"R": 1, "PR": 2, "I": 2}.get(kind):
            return None
        found = self.world.by_id(ids[0])
        if found is None or found.gone or found.spec.private:
            return None
        where = RepositoryNode(self.world, found)
        if kind == "R":
            return where
        if kind == "I":
            return where.issue(ids[1]) if where.has_issue(ids[1]) else None
        index = found.index_of_id(ids[1])
        return None if index is None else where.pull(index)

    def repository(self, told: Arguments) -> RepositoryNode:
        """Resolve an owner and a name, old ones too unless followRenames is false."""
        name = f"{told['owner']}/{told['name']}"
        found = self.world.find(name)
        renamed = found is not None and found.name.lower() != name.lower()
        if (
            found is None
            or found.gone
            or found.spec.private
            or (renamed and not told.get("followRenames", True))
        ):
            raise NotFoundError(f"Could not resolve to a Repository with the name '{name}'.")
        return RepositoryNode(self.world, found)

    def search(self, told: Arguments) -> Connection:
        """Search repositories."""
        try:
            found = matching(self.world, told["query"], {}) if told["type"] == "REPOSITORY" else []
        except QueryError as error:
            raise NotFoundError(str(error)) from error
        # Only a thousand can be read, however many there are.
        rows = range(min(len(found), CEILING))
        made = Connection(
            "SearchResultItem", rows, lambda i: RepositoryNode(self.world, found[i]), told
        )
        made.found = len(found)
        return made

    def rate_limit(self) -> Small:
        """Tell what this query costs and what is left after it."""
        left = max(self.bucket.remaining - self.cost.points, 0)
        return Small(
            "RateLimit",
            cost=self.cost.points,
            limit=self.bucket.limit,
            nodeCount=self.cost.nodes,
            remaining=left,
            resetAt=stamp(self.bucket.reset),
            used=self.bucket.limit - left,
        )


def _root_names(plan: Plan) -> list[str]:
    chosen = plan.operation.selection_set.selections
    return [node.name.value for node in chosen if isinstance(node, ast.FieldNode)]


def _refusal(errors: Sequence[GraphQLError]) -> Said:
    return _said({"errors": [error.formatted for error in errors]}, 1)


def _refused(error: RefusedError) -> dict[str, Any]:
    return {"type": error.kind, "path": ["query", *error.path], "message": str(error)}


def _said(body: object, points: int) -> Said:
    packed = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Said(200, packed, {"content-type": JSON}, points=points)
