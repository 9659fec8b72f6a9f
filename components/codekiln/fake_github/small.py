"""Small objects of the GraphQL graph, whose fields are their values; among them labels."""

from collections.abc import Mapping
from typing import Any

from codekiln.fake_github import node_ids
from codekiln.fake_github.connections import Connection
from codekiln.fake_github.repository import Repository


class Small:
    """An object whose fields are its values: a label, a licence, a branch."""

    __slots__ = ("typename", "values")

    def __init__(self, typename: str, **values: Any) -> None:
        self.typename, self.values = typename, values


def labels(found: Repository, names: tuple[str, ...], arguments: Mapping[str, Any]) -> Connection:
    """Return a connection of labels."""
    return Connection("Label", range(len(names)), lambda i: label(found, names[i]), arguments)


def label(found: Repository, name: str) -> Small:
    """Return a label."""
    return Small(
        "Label",
        id=node_ids.encode("LA", found.id, sum(name.encode())),
        name=name,
        color="ededed",
        description=None,
        isDefault=False,
        url=f"/{found.name}/labels/{name}",
    )
