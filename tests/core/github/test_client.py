"""The client against a GitHub that answers by script, in virtual time."""

import json
from typing import Any

import httpx2
import pytest
from core.github.scripted import (
    GOOD,
    QUERY,
    SECONDARY,
    TOKEN,
    Script,
    answer,
    ask,
    get,
    look,
    replied,
)

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.github.answers import Answer
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import PROBE, GitHub
from codekiln.core.github.endpoint import endpoint
from codekiln.core.github.errors import TooHeavyError
from codekiln.core.github.limits import Limits
from codekiln.fake_github import clock


def test_an_answer_has_its_document_its_etag_and_whether_more_follow() -> None:
    link = '<https://api.test/repositories/1/pulls?page=2>; rel="next"'
    script = Script([answer(body=[{"number": 7}], etag='"x"', link=link)])
    got = ask(script, get)
    assert (got.status, got.body, got.etag, got.has_next) == (200, [{"number": 7}], '"x"', True)
    assert str(script.asked[0].url) == got.url == "https://api.test/repos/a/b/pulls?state=all"


def test_a_request_says_who_asks_and_what_it_takes() -> None:
    script = Script([GOOD])
    ask(script, get)
    told = script.asked[0].headers
    assert told["authorization"] == f"Bearer {TOKEN}"
    assert told["user-agent"].startswith("codekiln/")
    assert told["accept"] == "application/vnd.github+json"


def test_without_a_token_rest_is_asked_and_graphql_says_what_it_wants() -> None:
    script = Script([GOOD])
    ask(script, get, environ={})
    assert "authorization" not in script.asked[0].headers
    with pytest.raises(InputError, match="GITHUB_TOKEN"):
        ask(script, look, environ={})


def test_nothing_new_is_free_and_keeps_its_etag() -> None:
    async def again(github: GitHub) -> tuple[Answer, int]:
        return await github.get("/x", etag='"old"'), github.usage.unchanged

    script = Script([httpx2.Response(304, headers={"content-length": "900"})])
    got, unchanged = ask(script, again)
    assert (got.status, got.body, got.etag, unchanged) == (304, None, '"old"', 1)
    assert script.asked[0].headers["if-none-match"] == '"old"'


def test_a_query_that_times_out_twice_is_too_heavy() -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        return replied() if PROBE in json.loads(request.content)["query"] else answer(502, {})

    script = Script([slow], takes_s=10.0)
    with pytest.raises(TooHeavyError, match="ask for less at once"):
        ask(script, look)
    assert len(script.asked) == 3


def test_a_query_that_github_finds_too_much_is_not_asked_again() -> None:
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits exceeded"}
    script = Script([answer(body={"data": {}, "errors": [error]})])
    with pytest.raises(TooHeavyError):
        ask(script, look)
    assert len(script.asked) == 1


def test_an_outage_is_not_taken_for_a_heavy_query() -> None:
    script = Script([*[answer(502, {})] * 20, replied()])
    assert ask(script, look)["nodes"] == [{"id": "x"}]


def test_an_outage_past_all_patience_is_no_heavy_query_either() -> None:
    with pytest.raises(ServiceError):
        ask(Script([answer(502, {})]), look, limits=Limits(patience_s=600))


def test_an_address_of_another_host_is_not_asked_for() -> None:
    async def away(github: GitHub) -> Answer:
        return await github.get("https://evil.test/repos/a/b")

    with pytest.raises(InputError, match=r"evil\.test is not api\.test"):
        ask(Script([GOOD]), away)


def test_a_search_is_one_on_an_enterprise_server_too() -> None:
    async def searched() -> dict[str, int]:
        place = endpoint({"GITHUB_API_URL": "https://git.test/api/v3"})
        transport = Script([answer(body={"items": []})])
        async with GitHub(place, tokens({"GH_TOKEN": "x"}), transport=transport) as github:
            await github.get("/search/repositories", {"q": "stars:>9"})
            assert transport.asked[0].url.path == "/api/v3/search/repositories"
            return github.usage.calls

    assert clock.run(searched()) == {"search": 1}


def test_usage_tells_what_asking_cost() -> None:
    async def some(github: GitHub) -> GitHub:
        await github.get("/search/repositories", {"q": "x"})
        await get(github)
        await look(github)
        return github

    script = Script([GOOD, answer(502, {}), answer(403, SECONDARY), GOOD, replied(cost=4)])
    usage = ask(script, some).usage
    assert usage.calls == {"search": 1, "rest": 3, "graphql": 1}
    assert (usage.total, usage.points) == (5, 4)
    assert usage.retries == {"status 502": 1, "secondary limit": 1}
    assert usage.waited_s()["secondary limit"] == 60.0


def test_a_node_that_github_never_answers_for_is_a_hole_after_some_tries() -> None:
    message = "Something went wrong while executing your query."
    error = {"message": message, "path": ["nodes", 0]}
    script = Script([answer(body={"data": {"nodes": [None, {"id": "y"}]}, "errors": [error]})])

    async def asking(github: GitHub) -> Any:
        return await github.graphql(QUERY, {"ids": ["x", "y"]})

    reply = ask(script, asking)
    assert reply.data == {"nodes": [None, {"id": "y"}]}
    assert [(one.path, one.message) for one in reply.errors] == [(("nodes", 0), message)]
    assert len(script.asked) == 5
