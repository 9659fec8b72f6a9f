"""What the client hands to its callers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the REST API."""

    status: int
    """200, or 304: nothing has changed since the answer with that etag."""
    body: Any
    """The JSON document; None with 304."""
    etag: str
    """For the next time: `get(..., etag=answer.etag)` is free where nothing has changed."""
    has_next: bool
    """There is another page after this one."""
    url: str
    """Where the answer came from, after redirects (a renamed repository answers elsewhere)."""


@dataclass(frozen=True, slots=True)
class QueryError:
    """One part of a GraphQL query that GitHub could not answer."""

    type: str
    """NOT_FOUND, FORBIDDEN, ...; empty where GitHub tells none."""
    path: tuple[str | int, ...]
    """Where in the data there is null instead."""
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the GraphQL API, perhaps with holes."""

    data: Mapping[str, Any]
    errors: Sequence[QueryError]
    """One for each hole that GitHub explains."""
    cost: int
    """Points of the hourly budget, if the query asks for rateLimit { cost }; else 1."""
