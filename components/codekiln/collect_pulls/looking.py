"""One look at a hundred repositories: is anything new in them, and how much is there at all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codekiln.collect_pulls import holes
from codekiln.collect_pulls.listing import moment
from codekiln.core.github.answers import Reply
from codekiln.core.github.batches import BatchSize, halving
from codekiln.core.github.client import GitHub

# One connection a repository: what a nightly run without news costs, all told.
QUERY = """
query Look($ids: [ID!]!) {
  rateLimit { cost remaining resetAt }
  nodes(ids: $ids) {
    ... on Repository {
      nameWithOwner
      pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount
        nodes { updatedAt }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What GitHub says of one repository at a moment.

    `name` is owner/name of today, `total` the number of pull requests, open, closed and merged, and
    `updated_at` the time of the newest change to one of them, None where there is none.
    """

    name: str
    total: int
    updated_at: datetime | None

    def saw(self, opened_at: datetime) -> bool:
        """Say whether a pull request that was opened then was there: opening it is a change."""
        return self.updated_at is not None and opened_at <= self.updated_at


async def looks(
    github: GitHub, ids: Sequence[str], size: BatchSize
) -> AsyncIterator[tuple[str, Look | str]]:
    """Yield each repository of `ids` with what GitHub says of it, or why it says nothing."""

    async def ask(batch: Sequence[str]) -> list[tuple[str, Look | str]]:
        reply = await github.graphql(QUERY, {"ids": list(batch)})
        return list(zip(batch, read(reply, len(batch)), strict=True))

    heavy: list[str] = []
    skip = heavy.append
    async for answered in halving(ask, ids, size, skipped=lambda one, _error: skip(one)):
        for one in answered:
            yield one
    for key in heavy:
        yield key, holes.UNANSWERED


def read(reply: Reply, asked: int) -> list[Look | str]:
    """Read the answer to QUERY: a look for each repository asked for, or a reason for its lack."""
    gone = holes.reasons(reply, "nodes")
    nodes = reply.data.get("nodes") or [None] * asked
    return [
        gone.get(place) or (look(node) if node else holes.UNANSWERED)
        for place, node in enumerate(nodes)
    ]


def look(node: Mapping[str, Any]) -> Look:
    """Read what GitHub says of one repository."""
    pulls = node["pullRequests"]
    return Look(
        name=node["nameWithOwner"],
        total=pulls["totalCount"],
        updated_at=moment(pulls["nodes"][0]["updatedAt"]) if pulls["nodes"] else None,
    )
