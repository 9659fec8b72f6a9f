"""Queries, checked by graphql-core and made into plans that run in microseconds a field.

graphql-core parses and validates against GitHub's schema; its executor, made for asynchronous
resolvers, costs ten times the time of the resolvers. A test holds both executors to one answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values
from graphql.language import ast
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

Arguments = Mapping[str, Any]
Fragment = ast.InlineFragmentNode | ast.FragmentDefinitionNode
Resolve = Callable[[Any, Arguments], Any]


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Return the part of GitHub's schema that this GitHub serves."""
    text = resources.files("codekiln.fake_github").joinpath("schema.graphql").read_text("utf-8")
    return build_schema(text, assume_valid=True)


@lru_cache(maxsize=128)
def checked(query: str) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
    """Parse and validate `query`; returns its document, or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [error]
    return document, validate(schema(), document)


class Field:
    """One field of a selection, with its arguments: bound to the variables of one request."""

    __slots__ = ("arguments", "key", "kind", "name", "nodes", "resolve", "selections")

    def __init__(
        self, key: str, nodes: Sequence[ast.FieldNode], kind: str, arguments: Arguments
    ) -> None:
        self.key = key
        self.name = nodes[0].name.value
        self.nodes = nodes
        self.kind = kind
        self.arguments = arguments
        self.resolve: Resolve = _missing
        self.selections: dict[str, list[Field]] = {}


def constant(value: Any) -> Resolve:
    """Return a resolver that always gives `value`."""
    return lambda _source, _arguments: value


def _missing(source: Any, _arguments: Arguments) -> Any:
    raise NotImplementedError(f"no resolver for a field of {source}")


@dataclass(slots=True)
class Plan:
    """An operation with its variables, ready to be asked for its cost or to be run."""

    document: DocumentNode
    operation: ast.OperationDefinitionNode
    variables: Any
    values: Mapping[str, Any]
    resolvers: Mapping[str, Mapping[str, Resolve]]
    fragments: Mapping[str, ast.FragmentDefinitionNode]

    def root(self) -> list[Field]:
        """Return the fields of the operation."""
        return self.fields("Query", [self.operation.selection_set])

    def fields(self, type_name: str, sets: Iterable[ast.SelectionSetNode]) -> list[Field]:
        """Return what `sets` select of an object of type `type_name`, in order."""
        parent = cast("GraphQLObjectType", schema().type_map[type_name])
        grouped: dict[str, list[ast.FieldNode]] = {}
        for one in sets:
            for node in self._collect(parent, one):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
        return [self._field(parent, key, nodes) for key, nodes in grouped.items()]

    def _field(self, parent: GraphQLObjectType, key: str, nodes: Sequence[ast.FieldNode]) -> Field:
        name = nodes[0].name.value
        if name == "__typename":
            field = Field(key, nodes, "", {})
            field.resolve = constant(parent.name)
            return field
        definition = parent.fields[name]
        named = get_named_type(definition.type)
        kind = "" if is_leaf_type(named) else named.name
        told = get_argument_values(definition, nodes[0], self.variables)
        field = Field(key, nodes, kind, told)
        field.resolve = self.resolvers[parent.name][name]
        return field

    def of(self, field: Field, type_name: str) -> list[Field]:
        """Return what `field` selects of an object of type `type_name` that it gives."""
        if type_name not in field.selections:
            sets = [node.selection_set for node in field.nodes if node.selection_set]
            field.selections[type_name] = self.fields(type_name, sets)
        return field.selections[type_name]

    def types_of(self, field: Field) -> Sequence[str]:
        """Return the names of the types that `field` may give."""
        named = schema().type_map[field.kind]
        if is_abstract_type(named):
            return [one.name for one in schema().get_possible_types(named)]
        return [field.kind]

    def _collect(
        self, parent: GraphQLObjectType, selections: ast.SelectionSetNode
    ) -> Iterator[ast.FieldNode]:
        for node in selections.selections:
            if not self._wanted(node):
                continue
            if isinstance(node, ast.FieldNode):
                yield node
                continue
            fragment = self._fragment(node)
            if _applies(fragment.type_condition, parent):
                yield from self._collect(parent, fragment.selection_set)

    def _fragment(self, node: ast.SelectionNode) -> Fragment:
        if isinstance(node, ast.FragmentSpreadNode):
            return self.fragments[node.name.value]
        return cast("ast.InlineFragmentNode", node)

    def _wanted(self, node: ast.SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        keep = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (keep and not keep["if"])


def _applies(condition: ast.NamedTypeNode | None, parent: GraphQLObjectType) -> bool:
    if condition is None or condition.name.value == parent.name:
        return True
    named = schema().type_map[condition.name.value]
    return is_abstract_type(named) and schema().is_sub_type(named, parent)


def plan(
    document: DocumentNode,
    name: str | None,
    values: Mapping[str, Any],
    resolvers: Mapping[str, Mapping[str, Resolve]],
) -> Plan | Sequence[GraphQLError]:
    """Bind operation `name` of `document` to `values`; returns what is wrong if they do not fit."""
    operations = {
        one.name.value if one.name else None: one
        for one in document.definitions
        if isinstance(one, ast.OperationDefinitionNode)
    }
    if name is None and len(operations) > 1:
        return [GraphQLError("An operation name is required")]
    operation = operations.get(name) if name else next(iter(operations.values()), None)
    if operation is None:
        return [GraphQLError(f"No operation named {name!r}")]
    bound = get_variable_values(schema(), operation.variable_definitions or (), dict(values))
    if isinstance(bound, list):
        return bound
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, ast.FragmentDefinitionNode)
    }
    return Plan(document, operation, bound, values, resolvers, fragments)
