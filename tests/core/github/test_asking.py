"""Asking until there is an answer: accidents, limits, redirects and the end of patience."""

import asyncio
from typing import Any

import httpx2
import pytest
from core.github.scripted import (
    GOOD,
    SECONDARY,
    TOKEN,
    WRONG,
    Script,
    Step,
    answer,
    ask,
    budget,
    get,
    look,
    replied,
)

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.github.client import GitHub
from codekiln.core.github.errors import GoneError, StuckError
from codekiln.core.github.limits import Limits


def test_a_renamed_repository_is_followed_with_the_query_and_the_token() -> None:
    moved = answer(301, {"message": "Moved"}, location="https://api.test/repositories/9/pulls")
    script = Script([moved, GOOD])
    got = ask(script, get)
    assert got.url == "https://api.test/repositories/9/pulls?state=all"
    assert script.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_query_that_is_redirected_stays_a_query() -> None:
    script = Script([answer(307, {}, location="/v2/graphql"), replied()])
    ask(script, look)
    assert [one.method for one in script.asked] == ["POST", "POST"]
    assert script.asked[0].content == script.asked[1].content


def test_another_host_gets_no_token_and_no_say_about_budgets() -> None:
    async def told(github: GitHub) -> str:
        await get(github)
        return github.outlook()

    away = answer(302, {}, location="https://elsewhere.test/x", rate=budget(4000))
    script = Script([away, answer(body=[], rate=budget(1))])
    assert "REST 4,000 of 5,000 left" in ask(script, told)
    assert "authorization" not in script.asked[1].headers


def test_redirects_in_a_circle_end() -> None:
    script = Script([answer(301, {}, location="/x")])
    with pytest.raises(ServiceError, match="redirects to nowhere"):
        ask(script, get, limits=Limits(patience_s=60))


ACCIDENTS: list[Step] = [
    answer(500, {}),
    answer(502, raw=b"<html>Unicorn!</html>"),
    answer(504, raw=b""),
    answer(raw=b"<!DOCTYPE html><title>GitHub</title>"),
    answer(raw=b'[{"number": 7}, {"num'),
    answer(raw=b"[]", content_length="9000"),
    httpx2.DecodingError("unknown header flags set"),
    answer(body=SECONDARY),
    answer(403, SECONDARY, retry_after="5"),
    answer(403, SECONDARY),
    answer(429, raw=b"slow down", retry_after="1"),
    answer(429, raw=b""),
    httpx2.ReadError("reset"),
    httpx2.ReadTimeout("silence"),
    httpx2.ConnectError("refused"),
    httpx2.RemoteProtocolError("peer closed connection without sending complete message body"),
]


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_every_accident_is_tried_again(accident: Step) -> None:
    script = Script([accident, accident, GOOD])
    assert ask(script, get).body == [{"number": 7}]
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    "accident",
    [
        *ACCIDENTS,
        answer(body=WRONG),
        answer(body={"data": {"nodes": [None]}, **WRONG}),
        answer(body={"errors": [{"type": "RATE_LIMITED", "message": "exceeded"}]}),
        answer(body={"data": None}),
    ],
)
def test_every_accident_of_a_query_is_tried_again(accident: Step) -> None:
    script = Script([accident, accident, replied()])
    assert ask(script, look)["nodes"] == [{"id": "x"}]


def test_all_accidents_one_after_the_other_still_end_well() -> None:
    script = Script([*ACCIDENTS, GOOD])
    assert ask(script, get, limits=Limits(patience_s=20_000)).body == [{"number": 7}]


def test_a_silent_server_does_not_hold_a_request_for_ever() -> None:
    async def never(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(1e9)
        raise AssertionError

    async def timed(github: GitHub) -> float:
        with pytest.raises(ServiceError, match="time-out"):
            await get(github)
        return asyncio.get_running_loop().time()

    took = ask(httpx2.MockTransport(never), timed, limits=Limits(patience_s=60))
    assert 900 < took < 3000


def test_a_limit_without_a_word_is_waited_out_a_minute_then_longer() -> None:
    script = Script([answer(403, SECONDARY), answer(403, SECONDARY), GOOD])
    ask(script, get)
    assert script.times == [0.0, 60.0, 180.0]


def test_a_spent_budget_is_waited_out_by_github_s_clock_not_ours() -> None:
    spent = answer(
        403, {"message": "API rate limit exceeded for user ID 1."}, rate=budget(0, reset=7900)
    )
    script = Script([spent, GOOD], skew=7200.0)
    ask(script, get)
    assert script.times == [0.0, 701.0]


def test_a_clock_that_jumps_costs_an_hour_at_most() -> None:
    far = budget(0, reset=10**8)
    script = Script([answer(403, {"message": "API rate limit exceeded for user"}, rate=far), GOOD])
    ask(script, get)
    assert script.times == [0.0, 60.0]


def test_patience_ends_with_what_was_seen() -> None:
    script = Script([answer(503, {}), answer(502, {}), answer(403, SECONDARY)])
    with pytest.raises(ServiceError) as caught:
        ask(script, get, limits=Limits(patience_s=1000))
    assert str(caught.value) == (
        "api.test does not answer /repos/a/b/pulls?state=all: 5 x secondary limit, "
        "1 x status 503, 1 x status 502 in 15 min; run again later, it goes on where it is"
    )


def test_one_request_that_keeps_failing_is_told_from_an_outage() -> None:
    def by_path(request: httpx2.Request) -> httpx2.Response:
        return answer(500, {}) if request.url.path == "/bad" else GOOD

    async def both(github: GitHub) -> Any:
        async def others() -> None:
            for _ in range(60):
                await github.get("/good")
                await asyncio.sleep(30)

        other = asyncio.create_task(others())
        try:
            await github.get("/bad")
        finally:
            other.cancel()

    with pytest.raises(StuckError, match="12 x status 500"):
        ask(Script([by_path]), both)


def test_an_address_that_nobody_answers_at_is_told_within_a_minute() -> None:
    async def timed(github: GitHub) -> float:
        with pytest.raises(ServiceError, match="check the network and GITHUB_API_URL"):
            await get(github)
        return asyncio.get_running_loop().time()

    assert ask(Script([httpx2.ConnectError("[Errno -2] Name or service not known")]), timed) < 60


def test_what_is_gone_is_not_asked_twice() -> None:
    script = Script([answer(404, {"message": "Not Found"})])
    with pytest.raises(GoneError, match="/repos/a/b/pulls") as caught:
        ask(script, get)
    assert (caught.value.reason, caught.value.status, len(script.asked)) == ("vanished", 404, 1)


def test_a_token_that_is_refused_now_and_then_is_asked_with_again() -> None:
    script = Script([answer(401, {"message": "Bad credentials"}), GOOD])
    assert ask(script, get).body == [{"number": 7}]


def test_a_bad_token_is_named_by_its_place() -> None:
    script = Script([answer(401, {"message": "Bad credentials"})])
    with pytest.raises(InputError, match=r"token 1 of GITHUB_TOKEN \(401: Bad credentials\)"):
        ask(script, get)
    assert len(script.asked) == 3


def test_a_collector_that_is_stopped_leaves_nothing_under_way() -> None:
    async def stopped(github: GitHub) -> list[int]:
        tasks = [asyncio.create_task(get(github)) for _ in range(5)]
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [one.under_way for purse in github._purses for one in purse.buckets.values()]

    assert ask(Script([GOOD], takes_s=100.0), stopped) == [0, 0, 0]
