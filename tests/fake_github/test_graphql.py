import base64
import json

import pytest
from fake_github.asking import DETAILS, NAME, Client, get, hub_of, query, within

from codekiln.fake_github.specs import RepositorySpec, population


def test_nodes_are_found_by_the_ids_that_rest_gave() -> None:
    hub = hub_of()
    pulls = get(hub, f"/repos/{NAME}/pulls", state="all", per_page=5).json()
    told = query(hub, DETAILS, {"ids": [one["node_id"] for one in pulls]})
    for rest, graph in zip(pulls, told["data"]["nodes"], strict=True):
        assert graph["id"] == rest["node_id"]
        assert graph["number"] == rest["number"]
        assert graph["title"] == rest["title"]
        assert graph["body"] == (rest["body"] or "")
        assert graph["state"] == ("MERGED" if rest["merged_at"] else rest["state"].upper())
        assert [one["name"] for one in graph["labels"]["nodes"]] == [
            one["name"] for one in rest["labels"]
        ]


def test_what_is_gone_is_null_with_an_error_beside_the_rest() -> None:
    hub = hub_of(RepositorySpec(NAME), RepositorySpec("acme/gone"))
    gone = hub.world.known("acme/gone").node_id
    hub.world.delete("acme/gone")
    ids = [hub.world.known(NAME).node_id, gone]
    told = query(hub, "query($ids: [ID!]!) { all: nodes(ids: $ids) { id } }", {"ids": ids})
    assert told["data"]["all"] == [{"id": ids[0]}, None]
    assert told["errors"][0]["type"] == "NOT_FOUND"
    assert told["errors"][0]["path"] == ["all", 1]


def test_a_repository_that_never_was_is_not_found() -> None:
    told = query(hub_of(), '{ repository(owner: "no", name: "one") { id } }')
    assert told["data"] == {"repository": None}
    assert told["errors"][0]["type"] == "NOT_FOUND"


def test_old_names_are_followed_unless_told_otherwise() -> None:
    hub = hub_of()
    hub.world.rename(NAME, "acme/mux")
    told = query(hub, '{ repository(owner: "acme", name: "router") { nameWithOwner } }')
    assert told["data"]["repository"]["nameWithOwner"] == "acme/mux"
    told = query(hub, '{ repository(owner: "acme", name: "router", followRenames: false) { id } }')
    assert told["data"]["repository"] is None


def test_a_field_that_github_does_not_have_is_refused() -> None:
    told = query(hub_of(), '{ repository(owner: "acme", name: "router") { patch } }')
    assert "patch" in told["errors"][0]["message"]


def test_totals_by_state_are_those_of_rest() -> None:
    hub = hub_of()
    text = """{ repository(owner: "acme", name: "router") {
        open: pullRequests(states: OPEN) { totalCount }
        closed: pullRequests(states: [CLOSED, MERGED]) { totalCount } } }"""
    told = query(hub, text)["data"]["repository"]
    shut = get(hub, f"/repos/{NAME}/pulls", state="closed", per_page=1)
    last = shut.links["last"]["url"].rsplit("page=", 1)[1]
    assert told["closed"]["totalCount"] == int(last)
    assert told["open"]["totalCount"] + int(last) == 250


@pytest.mark.parametrize("order", ["CREATED_AT", "UPDATED_AT"])
def test_cursors_keep_their_place_while_rows_are_inserted(order: str) -> None:
    hub = hub_of()
    text = """query($after: String, $order: IssueOrderField!) {
        repository(owner: "acme", name: "router") {
        pullRequests(first: 40, after: $after, orderBy: {field: $order, direction: DESC}) {
        nodes { number } pageInfo { hasNextPage endCursor } } } }"""

    async def walk(client: Client) -> list[int]:
        numbers, after = [], None
        while True:
            told = {"query": text, "variables": {"after": after, "order": order}}
            page = (await client.post("/graphql", json=told)).json()
            page = page["data"]["repository"]["pullRequests"]
            numbers += [one["number"] for one in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return numbers
            after = page["pageInfo"]["endCursor"]
            hub.world.open_pull(NAME)

    numbers = within(hub, walk)
    assert len(numbers) == len(set(numbers)) == 250


def test_a_query_without_a_token_is_refused() -> None:
    hub = hub_of()

    async def ask(client: Client) -> int:
        del client.headers["authorization"]
        answer = await client.post("/graphql", json={"query": "{ viewer { login } }"})
        return answer.status_code

    assert within(hub, ask) == 401


def test_introspection_is_answered() -> None:
    told = query(hub_of(), '{ __type(name: "PullRequest") { name fields { name } } }')
    assert "reviewDecision" in json.dumps(told["data"])


def test_arguments_narrow_what_a_connection_holds() -> None:
    text = """{ repository(owner: "acme", name: "router") {
        all: pullRequests { totalCount }
        none: pullRequests(baseRefName: "release-1") { totalCount }
        bugs: pullRequests(labels: ["bug", "kind/bug", "bugfix"], first: 3) {
            totalCount nodes { labels(first: 5) { nodes { name } } } }
        issues { totalCount }
        done: issues(states: CLOSED) { totalCount }
        left: issues(states: OPEN) { totalCount } } }"""
    told = query(hub_of(), text)["data"]["repository"]
    assert told["none"]["totalCount"] == 0
    assert 0 < told["bugs"]["totalCount"] < told["all"]["totalCount"]
    assert all(one["labels"]["nodes"] for one in told["bugs"]["nodes"])
    assert told["done"]["totalCount"] + told["left"]["totalCount"] == told["issues"]["totalCount"]


def test_a_search_gives_a_thousand_and_tells_of_all() -> None:
    hub = hub_of(*population(7, 1_100, 1))
    text = """{ search(query: "language:go fork:true", type: REPOSITORY, last: 1) {
        repositoryCount edges { cursor node { ... on Repository { name } } } } }"""
    told = query(hub, text)["data"]["search"]
    assert told["repositoryCount"] == 1_100
    place = base64.b64decode(told["edges"][0]["cursor"])
    assert place == b"cursor:v2:[999]"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"variables": 3}', b"\xff"])
def test_a_body_that_is_no_query_is_a_bad_request(body: bytes) -> None:
    hub = hub_of()

    async def ask(client: Client) -> int:
        return (await client.post("/graphql", content=body)).status_code

    assert within(hub, ask) == 400


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "query($n: Int!) { viewer { login } }",
        "mutation { x }",
        "query A { id } query B { id }",
    ],
)
def test_a_query_that_cannot_be_run_has_errors_and_no_data(text: str) -> None:
    told = query(hub_of(), text)
    assert told["errors"][0]["message"]
    assert not told.get("data")


def test_a_cursor_that_was_never_given_is_refused() -> None:
    text = """{ repository(owner: "acme", name: "router") {
        pullRequests(first: 1, after: "bm9uc2Vuc2U=") { nodes { id } } } }"""
    assert "cursor" in query(hub_of(), text)["errors"][0]["message"]


def test_an_issue_is_found_by_its_number_and_by_its_id() -> None:
    hub = hub_of()
    text = """{ repository(owner: "acme", name: "router") { pullRequests(last: 50) {
        nodes { number closingIssuesReferences(first: 1) { nodes { id number title } } } } } }"""
    pulls = query(hub, text)["data"]["repository"]["pullRequests"]["nodes"]
    closed = [one["closingIssuesReferences"]["nodes"] for one in pulls]
    issue = next(nodes[0] for nodes in closed if nodes)
    by_id = "query($id: ID!) { node(id: $id) { ... on Issue { id number title } } }"
    assert query(hub, by_id, {"id": issue["id"]})["data"]["node"] == issue
    by_number = f"""{{ repository(owner: "acme", name: "router") {{
        issue(number: {issue["number"]}) {{ id number title }} }} }}"""
    assert query(hub, by_number)["data"]["repository"]["issue"] == issue
    none = by_number.replace(str(issue["number"]), str(pulls[0]["number"]))
    assert query(hub, none)["errors"][0]["type"] == "NOT_FOUND"
