import statistics

import pytest
from fake_github.asking import NAME, get, hub_of, query

from codekiln.fake_github.latency import NO_LATENCY, Latency

DETAILS = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest { title
    comments(first: 20) { nodes { body } } reviews(first: 20) { nodes { body } }
    closingIssuesReferences(first: 5) { nodes { title } } } } }"""


def test_a_page_of_a_hundred_takes_about_a_second() -> None:
    hub = hub_of(latency=Latency())
    for _ in range(40):
        get(hub, f"/repos/{NAME}/pulls", state="all", per_page=100)
    took = [one.took for one in hub.seen]
    assert statistics.median(took) == pytest.approx(1.0, rel=0.2)
    assert max(took) > 1.3 * min(took)


def test_a_query_over_a_hundred_pull_requests_takes_about_four() -> None:
    hub = hub_of(latency=Latency())
    pulls = get(hub, f"/repos/{NAME}/pulls", state="all", per_page=100).json()
    for _ in range(12):
        query(hub, DETAILS, {"ids": [one["node_id"] for one in pulls]})
    took = [one.took for one in hub.seen if one.kind == "graphql"]
    assert statistics.median(took) == pytest.approx(4.0, rel=0.25)


def test_without_latency_every_answer_comes_at_once() -> None:
    hub = hub_of(latency=NO_LATENCY)
    get(hub, f"/repos/{NAME}/pulls")
    assert hub.seen[-1].took == 0
