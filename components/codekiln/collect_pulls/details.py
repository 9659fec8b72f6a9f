"""What only GitHub's GraphQL API tells of pull requests, a hundred at a time.

A call costs as many points as it has connections below its hundred pull requests: one, or three
with the conversation. What a first page does not hold is asked for alone; few conversations are so
long. https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from codekiln.collect_pulls import holes
from codekiln.collect_pulls.listing import GHOST, maybe_moment, moment, text
from codekiln.collect_pulls.pool import Pool
from codekiln.core.corpus.pulls import Comment, Issue, Review
from codekiln.core.github.answers import Reply
from codekiln.core.github.batches import BatchSize, halving
from codekiln.core.github.client import GitHub
from codekiln.core.github.errors import TooHeavyError

PAGE = "pageInfo { hasNextPage endCursor }"
COMMENTS = f"{{ nodes {{ author {{ __typename login }} createdAt body }} {PAGE} }}"
REVIEWS = f"{{ nodes {{ author {{ login }} state submittedAt body }} {PAGE} }}"
ISSUES = f"{{ nodes {{ number title body repository {{ nameWithOwner }} }} {PAGE} }}"

CORE = f"""
additions deletions changedFiles reviewDecision
statusCheckRollup {{ state }}
closingIssuesReferences(first: 25) {ISSUES}
"""
CONVERSATION = f"comments(first: 100) {COMMENTS} reviews(first: 100) {REVIEWS}"
QUERY = """
query Details($ids: [ID!]!) {
  rateLimit { cost remaining resetAt }
  nodes(ids: $ids) { ... on PullRequest { SELECTION } }
}
"""
MORE = """
query More($id: ID!, $after: String!) {
  rateLimit { cost remaining resetAt }
  node(id: $id) { ... on PullRequest { FIELD(first: 100, after: $after) SELECTION } }
}
"""

ROUNDS = 4
"""Times that GitHub is asked for what it left out of an answer without a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The part of a PullRequest that comes from here; the fields are those of PullRequest."""

    additions: int
    deletions: int
    changed_files: int
    review_decision: str | None
    ci_state: str | None
    comments: tuple[Comment, ...]
    reviews: tuple[Review, ...]
    closing_issues: tuple[Issue, ...]


Found = Details | str
"""Or the reason why there are none."""


def pool(github: GitHub, *, conversation: bool) -> Pool[Found]:
    """Return a pool for the details of pull requests of many repositories, by node id.

    Without `conversation` no comments and reviews are asked for, and none are found.
    """
    size = BatchSize()
    query = QUERY.replace("SELECTION", CORE + CONVERSATION * conversation)
    return Pool(lambda ids: details(github, ids, query, size), lambda: size.now)


async def details(
    github: GitHub, ids: Sequence[str], query: str, size: BatchSize
) -> AsyncIterator[tuple[str, Found]]:
    """Yield the details of each pull request of `ids` (node ids), or why there are none.

    What GitHub leaves out without a reason that lasts is asked for again, a few times.
    """
    left = list(ids)
    for last in (False,) * (ROUNDS - 1) + (True,):
        unanswered = []
        async for one, told in once(github, left, query, size):
            if told == holes.UNANSWERED and not last:
                unanswered.append(one)
            else:
                yield one, told
        left = unanswered


async def once(
    github: GitHub, ids: Sequence[str], query: str, size: BatchSize
) -> AsyncIterator[tuple[str, Found]]:
    """Ask once for each of `ids`."""
    heavy: list[str] = []

    async def ask(batch: Sequence[str]) -> list[tuple[str, Found]]:
        reply = await github.graphql(query, {"ids": list(batch)})
        return [(one, await found(github, one, node)) for one, node in each(reply, batch)]

    def skipped(one: str, _error: TooHeavyError) -> None:
        heavy.append(one)

    async for answered in halving(ask, ids, size, skipped=skipped):
        for told in answered:
            yield told
    for one in heavy:
        yield one, holes.TOO_HEAVY


def each(reply: Reply, ids: Sequence[str]) -> list[tuple[str, Mapping[str, Any] | str]]:
    """Pair each of `ids` with its node in `reply`, or with the reason for the hole."""
    gone = holes.reasons(reply, "nodes")
    nodes = reply.data.get("nodes") or [None] * len(ids)
    return [
        (one, gone.get(place) or node or holes.UNANSWERED)
        for place, (one, node) in enumerate(zip(ids, nodes, strict=True))
    ]


async def found(github: GitHub, one: str, node: Mapping[str, Any] | str) -> Found:
    """Read the node of the pull request `one`, with the rest of each list that is cut."""
    if isinstance(node, str):
        return node
    every = partial(whole, github, one, node)
    rollup = node["statusCheckRollup"]
    try:
        return Details(
            additions=node["additions"],
            deletions=node["deletions"],
            changed_files=node["changedFiles"],
            review_decision=node["reviewDecision"],
            ci_state=rollup["state"] if rollup else None,
            comments=tuple([comment(n) for n in await every("comments", COMMENTS)]),
            reviews=tuple([review(n) for n in await every("reviews", REVIEWS)]),
            closing_issues=tuple(
                [issue(n) for n in await every("closingIssuesReferences", ISSUES)]
            ),
        )
    except TooHeavyError:
        return holes.TOO_HEAVY
    except LookupError:
        return holes.UNANSWERED


async def whole(
    github: GitHub, one: str, node: Mapping[str, Any], field: str, selection: str
) -> list[Mapping[str, Any]]:
    """Return all items of the list `field` of a pull request; LookupError where there is a hole."""
    if field not in node:
        return []
    page: Mapping[str, Any] = node[field] or {}
    items: list[Mapping[str, Any]] = []
    while True:
        items += [item for item in page["nodes"] if item]
        if not page["pageInfo"]["hasNextPage"]:
            return items
        query = MORE.replace("FIELD", field).replace("SELECTION", selection)
        reply = await github.graphql(query, {"id": one, "after": page["pageInfo"]["endCursor"]})
        page = ((reply.data.get("node") or {}).get(field)) or {}


def comment(node: Mapping[str, Any]) -> Comment:
    """Read a comment."""
    author = node["author"] or {"login": "", "__typename": GHOST}
    return Comment(
        author=text(author["login"]), author_type=author["__typename"],
        created_at=moment(node["createdAt"]), body=text(node["body"]),
    )  # fmt: skip


def review(node: Mapping[str, Any]) -> Review:
    """Read a review."""
    return Review(
        author=text((node["author"] or {"login": ""})["login"]), state=node["state"],
        submitted_at=maybe_moment(node["submittedAt"]), body=text(node["body"]),
    )  # fmt: skip


def issue(node: Mapping[str, Any]) -> Issue:
    """Read an issue that merging closes."""
    return Issue(
        repository=text(node["repository"]["nameWithOwner"]), number=node["number"],
        title=text(node["title"]), body=text(node["body"]),
    )  # fmt: skip
