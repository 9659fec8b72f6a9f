"""Requests to a made-up GitHub, for its tests."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2

from codekiln.fake_github import clock
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.latency import NO_LATENCY, Latency
from codekiln.fake_github.limits import Limits
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

API = "https://api.github.com"
NAME = "acme/router"
Client = httpx2.AsyncClient
DETAILS = """
query Details($ids: [ID!]!, $bodies: Boolean = true) {
  rateLimit { cost remaining resetAt nodeCount limit used }
  nodes(ids: $ids) {
    __typename
    id
    ... on Repository { nameWithOwner all: pullRequests { totalCount } }
    ...Pull
  }
}
fragment Pull on PullRequest {
  number title body @include(if: $bodies) state merged isDraft additions deletions changedFiles
  reviewDecision author { __typename login ... on User { name } } mergedBy { login }
  labels(first: 10) { nodes { name } }
  comments(first: 20) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id body author { login } }
  }
  reviews(first: 20) { edges { cursor node { state submittedAt author { login } } } }
  closingIssuesReferences(first: 5) { nodes { number title repository { nameWithOwner } } }
  commits(last: 1) {
    nodes { commit { oid statusCheckRollup { state } author { name user { login } } } }
  }
  files(first: 50) { nodes { path additions changeType } }
  milestone { title } mergeCommit { oid } statusCheckRollup { state }
}
"""


def hub_of(
    *specs: RepositorySpec,
    faults: str = "",
    latency: Latency = NO_LATENCY,
    folder: Path | None = None,
    limits: Limits | None = None,
) -> FakeGitHub:
    """Make a GitHub; one repository of 250 pull requests unless told others."""
    world = World(7, specs or [RepositorySpec(NAME, pulls=250)], folder=folder)
    return FakeGitHub(world, Faults.parse(faults), latency, limits=limits)


def client_of(hub: FakeGitHub, token: str = "t") -> Client:  # noqa: S107  # nobody's
    """Return a client with a token, in-process."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Client(base_url=API, transport=hub.transport(), headers=headers, timeout=60)


def within(hub: FakeGitHub, work: Callable[[Client], Awaitable[Any]]) -> Any:
    """Do `work` with a client, in virtual time."""

    async def run() -> Any:
        async with client_of(hub) as client:
            return await work(client)

    return clock.run(run())


def get(hub: FakeGitHub, path: str, *, token: str = "t", etag: str = "", **params: Any) -> Any:  # noqa: S107
    """Get `path`; returns the response."""

    async def run() -> httpx2.Response:
        async with client_of(hub, token) as client:
            headers = {"if-none-match": etag} if etag else {}
            return await client.get(path, params=params, headers=headers)

    return clock.run(run())


def query(hub: FakeGitHub, text: str, variables: Mapping[str, Any] | None = None) -> Any:
    """Ask a GraphQL query; returns the JSON of the answer."""

    async def run() -> httpx2.Response:
        async with client_of(hub) as client:
            return await client.post("/graphql", json={"query": text, "variables": variables or {}})

    return json.loads(clock.run(run()).content)


def ids_of(hub: FakeGitHub, count: int) -> list[str]:
    """Return the node ids of the newest pull requests."""
    pulls = get(hub, f"/repos/{NAME}/pulls", state="all", per_page=count).json()
    return [one["node_id"] for one in pulls]
