from typing import Any

from fake_github.asking import DETAILS, NAME, hub_of, ids_of, query
from graphql import GraphQLObjectType, execute_sync, is_leaf_type
from graphql import parse as parse_query

from codekiln.fake_github import plans
from codekiln.fake_github.graph import NotFoundError
from codekiln.fake_github.graphql import Run
from codekiln.fake_github.limits import Bucket


def test_our_executor_and_graphql_cores_give_one_answer() -> None:
    hub = hub_of()
    found = hub.world.find(NAME)
    assert found is not None
    ids = [*ids_of(hub, 30), found.node_id, "PR_nonsense"]
    ours = query(hub, DETAILS, {"ids": ids})
    run = Run(hub.world, Bucket("graphql", 5_000, used=1))
    _resolve_by(run)
    theirs = execute_sync(plans.schema(), parse_query(DETAILS), variable_values={"ids": ids})
    assert theirs.errors is None
    assert theirs.data is not None
    assert ours["data"]["nodes"] == theirs.data["nodes"]


def _resolve_by(run: Run) -> None:
    """Let graphql-core call our resolvers."""
    for name, kind in plans.schema().type_map.items():
        if hasattr(kind, "resolve_type"):
            kind.resolve_type = lambda source, _info, _kind: source.typename
        elif isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field, told in kind.fields.items():
                told.resolve = _as_core_calls(run.resolvers[name][field])


def _as_core_calls(resolve: plans.Resolve) -> Any:
    def call(source: Any, _info: Any, **told: Any) -> Any:
        try:
            return resolve(source, told)
        except NotFoundError:
            return None

    return call


def test_every_field_of_the_schema_has_a_resolver() -> None:
    run = Run(hub_of().world, Bucket("graphql", 5_000))
    missing = [
        f"{name}.{field}"
        for name, kind in plans.schema().type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
        for field in kind.fields
        if field not in run.resolvers.get(name, {})
    ]
    assert missing == []


def test_every_field_can_be_asked_for() -> None:
    hub = hub_of()
    pull = everything("PullRequest", 3)
    text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {pull} }} }}"
    told = query(hub, text, {"ids": ids_of(hub, 20)})
    assert "errors" not in told
    assert len(told["data"]["nodes"]) == 20
    told = query(
        hub,
        f'{{ repository(owner: "acme", name: "router") {{ {everything_in("Repository", 2)} }} }}',
    )
    assert "errors" not in told


def everything(name: str, depth: int) -> str:
    return f"... on {name} {{ {everything_in(name, depth)} }}"


def everything_in(name: str, depth: int) -> str:
    kind = plans.schema().type_map[name]
    if not isinstance(kind, GraphQLObjectType):
        return "__typename"
    return " ".join(
        text for field in kind.fields if (text := _asked(kind, field, depth)) is not None
    )


def _asked(kind: GraphQLObjectType, field: str, depth: int) -> str | None:
    told = kind.fields[field]
    named: Any = told.type
    while hasattr(named, "of_type"):
        named = named.of_type
    arguments = "(first: 2)" if "first" in told.args else ""
    if field in ("pullRequest", "issue"):
        return None
    if is_leaf_type(named):
        return f"{field}{arguments}"
    if not depth:
        return None
    return f"{field}{arguments} {{ __typename {everything_in(named.name, depth - 1)} }}"
