"""Requests go out as the limits allow, and nobody waits without a word."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from core.github.scripted import ENDPOINT, TOKEN, Script, answer, ask, budget, date_of

from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.limits import Limits

Asking = Callable[[GitHub], Awaitable[float]]


def many(count: int, path: str = "/x") -> Asking:
    async def asking(github: GitHub) -> float:
        await asyncio.gather(*(github.get(f"{path}?{at}") for at in range(count)))
        return asyncio.get_running_loop().time()

    return asking


class Counting(Script):
    """A GitHub with budgets, which it enforces, shared with others who use them up."""

    def __init__(self, limit: int, *, others: float = 0.0, takes_s: float = 0.2) -> None:
        super().__init__([self.serve], takes_s=takes_s)
        self.limit, self.others = limit, others
        self.used, self.ends, self.refused = 0.0, 0.0, 0

    def serve(self, _: httpx2.Request) -> httpx2.Response:
        now = asyncio.get_running_loop().time()
        if now >= self.ends:
            self.used, self.ends = 0.0, float(int(now) + 3600)
        self.used += 1 + self.others
        left = max(0, int(self.limit - self.used))
        told = budget(left, limit=self.limit, reset=self.ends)
        if self.used <= self.limit:
            return answer(body=[], rate=told)
        self.refused += 1
        return answer(403, {"message": "API rate limit exceeded for user ID 1."}, rate=told)


def test_a_full_budget_and_a_half_take_an_hour_and_no_refusal() -> None:
    script = Counting(1000)
    took = ask(script, many(1500))
    assert script.refused == 0
    assert 3600 < took < 7200


def test_others_who_use_the_token_cost_time_and_nothing_else() -> None:
    script = Counting(1000, others=3.0)
    took = ask(script, many(500))
    assert script.refused <= 5
    assert 3600 < took < 3 * 3600


def test_no_more_than_the_concurrent_limit_less_the_margin() -> None:
    script = Script([answer(body=[])], takes_s=0.1)
    ask(script, many(500), limits=Limits(cpu_s_per_minute=1e9))
    assert script.most_under_way == 90


def test_collectors_that_share_a_token_share_its_limits() -> None:
    script = Script([answer(body=[])], takes_s=0.1)
    ask(script, many(100), limits=Limits(cpu_s_per_minute=1e9), share=10)
    assert script.most_under_way == 9


def test_points_of_a_minute_are_kept() -> None:
    script = Script([answer(body=[])], takes_s=0.001)
    ask(script, many(2000), limits=Limits(cpu_s_per_minute=1e9))
    for start in script.times[::50]:
        assert sum(start <= time < start + 60 for time in script.times) <= 900


def test_processor_time_of_a_minute_is_kept() -> None:
    script = Script([answer(body=[])], takes_s=2.0)
    took = ask(script, many(200))
    assert took > (200 * 2.0 / 90 - 1) * 60
    for start in script.times:
        assert 2.0 * sum(start <= time < start + 60 for time in script.times) <= 90


def test_light_and_heavy_requests_do_not_starve_each_other() -> None:
    done: list[tuple[float, str]] = []

    async def serve(request: httpx2.Request) -> httpx2.Response:
        is_query = request.method == "POST"
        await asyncio.sleep(4.0 if is_query else 1.0)
        done.append((asyncio.get_running_loop().time(), request.method))
        return answer(body={"data": {"a": 1}}, date=date_of(0))

    async def both(github: GitHub) -> float:
        queries = [github.graphql("query { a }", {}) for _ in range(60)]
        await asyncio.gather(*queries, *(github.get(f"/x?{at}") for at in range(400)))
        return asyncio.get_running_loop().time()

    took = ask(httpx2.MockTransport(serve), both)
    assert took < 1.25 * (60 * 4.0 + 400 * 1.0) / (90 * Limits().margin) * 60
    half = [method for time, method in done if time < took / 2]
    assert half.count("POST") >= 20
    assert half.count("GET") >= 100


def test_searches_are_thirty_a_minute() -> None:
    def search(_: httpx2.Request) -> httpx2.Response:
        now = asyncio.get_running_loop().time()
        ends = 60 * (now // 60 + 1)
        used = sum(time >= ends - 60 for time in script.times)
        assert used <= 30
        return answer(body={}, rate=budget(30 - used, limit=30, reset=ends, resource="search"))

    script = Script([search])
    took = ask(script, many(90, "/search/repositories"))
    assert 120 < took < 240


def test_the_first_request_of_all_goes_alone() -> None:
    script = Script([answer(401, {"message": "Bad credentials"}), answer(body=[])], takes_s=1.0)
    ask(script, many(50))
    assert script.times[1] >= 1.0


def test_nothing_is_sent_while_github_wants_to_be_left_alone() -> None:
    limit = answer(403, {"message": "secondary rate limit"}, retry_after="100")
    script = Script([answer(body=[]), limit, answer(body=[])], takes_s=0.5)
    ask(script, many(20))
    refused = script.times[1] + 0.5
    assert not [time for time in script.times if refused < time < refused + 100]


def test_a_wait_of_more_than_some_seconds_is_told_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "codekiln")
    limit = answer(403, {"message": "secondary rate limit"}, retry_after="90")
    ask(Script([limit, answer(body=[])]), many(30))
    assert [one.message for one in caplog.records] == [
        "GitHub: waiting 90 s: secondary limit (GitHub asked to pause)"
    ]


def test_several_tokens_are_used_by_what_they_have_left() -> None:
    def by_token(request: httpx2.Request) -> httpx2.Response:
        rich = request.headers["authorization"].endswith("rich")
        return answer(body=[], rate=budget(4000 if rich else 60))

    script = Script([by_token])
    ask(script, many(100), environ={"GITHUB_TOKEN": "poor,rich"})
    used = [one.headers["authorization"].removeprefix("Bearer ") for one in script.asked]
    assert used.count("poor") < 5


def test_a_token_that_is_paused_leaves_the_work_to_the_other() -> None:
    def by_token(request: httpx2.Request) -> httpx2.Response:
        if request.headers["authorization"].endswith("one"):
            return answer(403, {"message": "secondary rate limit"})
        return answer(body=[])

    assert ask(Script([by_token]), many(50), environ={"GITHUB_TOKEN": "one,two"}) < 60


def test_collectors_that_share_a_token_do_not_run_each_other_into_its_end() -> None:
    script = Counting(1000)

    async def four(_: GitHub) -> float:
        async def one() -> None:
            made = GitHub(ENDPOINT, tokens({"GITHUB_TOKEN": TOKEN}), transport=script, share=4)
            async with made as github:
                await many(400)(github)

        await asyncio.gather(*(one() for _ in range(4)))
        return asyncio.get_running_loop().time()

    assert ask(script, four) < 2 * 3700
    assert script.refused <= 4
