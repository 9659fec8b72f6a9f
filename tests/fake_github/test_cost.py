import pytest
from fake_github.asking import hub_of, ids_of, query


@pytest.mark.parametrize(
    ("text", "points"),
    [
        # The example of GitHub's documentation: 1 + 100 + 100 * 50 requests.
        ("""{ a: search(first: 100, query: "x", type: REPOSITORY) { nodes { ... on Repository {
              pullRequests(first: 50) { nodes { labels(first: 60) { nodes { name } } } } } } }
              rateLimit { cost nodeCount } }""", 51),
        ("{ viewer { login } rateLimit { cost nodeCount } }", 1),
    ],
)  # fmt: skip
def test_points_are_githubs_own_sum(text: str, points: int) -> None:
    assert query(hub_of(), text)["data"]["rateLimit"]["cost"] == points


def test_a_hundred_nodes_with_three_connections_cost_three_points() -> None:
    hub = hub_of()
    text = """query($ids: [ID!]!) { rateLimit { cost } nodes(ids: $ids) { ... on PullRequest {
        comments(first: 20) { nodes { body } } reviews(first: 20) { nodes { body } }
        closingIssuesReferences(first: 5) { nodes { title } } } } }"""
    told = query(hub, text, {"ids": ids_of(hub, 100)})
    assert told["data"]["rateLimit"]["cost"] == 3
    assert hub.seen[-1].cost == 3


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("pullRequests { nodes { id } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("pullRequests(first: 101) { nodes { id } }", "EXCESSIVE_PAGINATION"),
        ("""pullRequests(first: 100) { nodes { comments(first: 100) { nodes { id } }
            reviews(first: 100) { nodes { comments(first: 100) { nodes { id } } } } } }""",
         "MAX_NODE_LIMIT_EXCEEDED"),
    ],
)  # fmt: skip
def test_a_query_for_too_much_is_not_run(asked: str, kind: str) -> None:
    told = query(hub_of(), f'{{ repository(owner: "acme", name: "router") {{ {asked} }} }}')
    assert "data" not in told
    assert told["errors"][0]["type"] == kind


def test_a_total_alone_needs_no_bounds() -> None:
    told = query(
        hub_of(), '{ repository(owner: "acme", name: "router") { pullRequests { totalCount } } }'
    )
    assert told["data"]["repository"]["pullRequests"]["totalCount"] == 250
