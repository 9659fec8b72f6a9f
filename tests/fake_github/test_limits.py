import asyncio
from typing import Any

import httpx2
import pytest
from fake_github.asking import NAME, Client, client_of, get, hub_of, query, within

from codekiln.fake_github import clock
from codekiln.fake_github.latency import NO_LATENCY, Latency
from codekiln.fake_github.limits import Account, Limits, Window
from codekiln.fake_github.specs import RepositorySpec

PATH = f"/repos/{NAME}"


def test_the_hourly_budget_ends_and_comes_back() -> None:
    hub = hub_of()
    hub.limits.account("t").buckets["core"].limit = 3

    async def ask(client: Client) -> list[httpx2.Response]:
        answers = [await client.get(PATH) for _ in range(4)]
        await asyncio.sleep(3_601)
        return [*answers, await client.get(PATH)]

    answers = within(hub, ask)
    assert [one.status_code for one in answers] == [200, 200, 200, 403, 200]
    assert answers[2].headers["x-ratelimit-remaining"] == "0"
    assert "API rate limit exceeded" in answers[3].json()["message"]
    assert answers[3].headers["x-ratelimit-remaining"] == "0"
    assert hub.violations == {"primary rest": 1}


def test_rest_and_graphql_are_paid_from_two_budgets() -> None:
    hub = hub_of()
    get(hub, PATH)
    query(hub, "{ viewer { login } }")
    buckets = hub.limits.account("t").buckets
    assert (buckets["core"].used, buckets["graphql"].used, buckets["search"].used) == (1, 1, 0)


def test_a_spent_graphql_budget_answers_200_with_an_error() -> None:
    hub = hub_of()
    hub.limits.account("t").buckets["graphql"].limit = 1
    query(hub, "{ viewer { login } }")
    assert query(hub, "{ viewer { login } }")["errors"][0]["type"] == "RATE_LIMITED"
    assert hub.seen[-1].status == 200


def test_without_a_token_sixty_requests_are_an_hours_worth() -> None:
    response = get(hub_of(), PATH, token="")
    assert response.headers["x-ratelimit-limit"] == "60"


def test_two_tokens_have_two_budgets() -> None:
    hub = hub_of()
    used = [get(hub, PATH, token=one).headers["x-ratelimit-used"] for one in ("a", "b", "a")]
    assert used == ["1", "1", "2"]


def test_asking_for_the_limits_is_free() -> None:
    hub = hub_of()
    get(hub, PATH)
    for _ in range(3):
        told = get(hub, "/rate_limit").json()
    assert told["resources"]["core"]["used"] == 1
    assert told["resources"]["graphql"]["remaining"] == 5_000


def test_more_than_a_hundred_at_once_run_over_the_secondary_limit() -> None:
    hub = hub_of(latency=Latency())

    async def ask(client: Client) -> list[httpx2.Response]:
        return list(await asyncio.gather(*(client.get(PATH) for _ in range(101))))

    answers = within(hub, ask)
    refused = [one for one in answers if one.status_code == 403]
    assert len(refused) == 1
    assert "secondary rate limit" in refused[0].json()["message"]
    assert refused[0].headers["retry-after"] == "61"
    assert hub.violations == {"concurrent": 1}


def test_more_than_900_requests_a_minute_run_over_it_too() -> None:
    hub = hub_of()

    async def ask(client: Client) -> list[int]:
        return [(await client.get(PATH)).status_code for _ in range(901)]

    assert within(hub, ask) == [200] * 900 + [403]
    assert hub.violations == {"points rest": 1}


@pytest.mark.parametrize("at_once", [1, 30])
def test_processor_seconds_are_charged_by_how_long_answers_take(at_once: int) -> None:
    hub = hub_of(latency=Latency(rest_s=3.0, spread=1.0))

    async def ask(client: Client) -> None:
        async def some() -> None:
            for _ in range(30):
                await client.get(PATH)

        await asyncio.gather(*(some() for _ in range(at_once)))

    within(hub, ask)
    # One after the other is at most a minute's work a minute; thirty at once are not.
    assert set(hub.violations) - {"came back too early"} == ({"cpu"} if at_once > 1 else set())


def test_graphql_one_after_the_other_stays_within_its_processor_seconds() -> None:
    hub = hub_of(latency=Latency(graphql_s=4.0))

    async def ask(client: Client) -> None:
        for _ in range(60):
            await client.post("/graphql", json={"query": "{ viewer { login } }"})

    within(hub, ask)
    assert not hub.violations


def test_who_does_not_wait_as_told_is_refused_and_counted() -> None:
    hub = hub_of(faults="429@1")

    async def ask(client: Client) -> list[int]:
        statuses = []
        for pause in (0, 10, 11, 0):
            await asyncio.sleep(pause)
            statuses.append((await client.get(PATH)).status_code)
        return statuses

    assert within(hub, ask) == [429, 403, 200, 200]
    assert hub.violations == {"came back too early": 1}


def test_a_revoked_token_is_a_bad_credential() -> None:
    hub = hub_of()
    hub.revoked.add("t")
    assert get(hub, PATH).status_code == 401
    assert get(hub, PATH).json()["message"] == "Bad credentials"


def test_an_installations_token_ends_after_an_hour() -> None:
    hub = hub_of()

    async def ask() -> list[int]:
        async with client_of(hub, "header.claims.signature") as app:
            told = (await app.post("/app/installations/12/access_tokens")).json()
        async with client_of(hub, told["token"]) as client:
            first = await client.get(PATH)
            await asyncio.sleep(3_600)
            return [first.status_code, (await client.get(PATH)).status_code]

    assert clock.run(ask()) == [200, 401]


def test_a_query_that_takes_ten_seconds_is_ended_and_costs_more() -> None:
    hub = hub_of(RepositorySpec(NAME), latency=Latency(graphql_s=11.0, spread=1.0))

    async def ask(client: Client) -> Any:
        return await client.post("/graphql", json={"query": "{ viewer { login } }"})

    answer = within(hub, ask)
    assert answer.status_code in (502, 504)
    assert hub.seen[-1].cost == 2
    assert 10 <= hub.seen[-1].took < 10.1


def test_a_window_counts_only_what_was_worked_in_it() -> None:
    window = Window()
    window.add(10.0, 8.0)
    window.add(60.0, 5.0)
    assert window.worked(60.0) == 13.0
    assert window.worked(65.0) == 10.0
    assert window.worked(71.0) == 5.0


def test_nothing_is_refused_where_limits_are_only_watched() -> None:
    hub = hub_of(latency=NO_LATENCY, limits=Limits(enforced=False))
    hub.limits.accounts["t"] = Account()
    hub.limits.account("t").buckets["core"].limit = 1
    assert [get(hub, PATH).status_code for _ in range(3)] == [200] * 3
    assert hub.violations == {"primary rest": 2}


def test_a_later_refusal_does_not_shorten_an_earlier_one() -> None:
    limits = Limits()
    limits.block("t", 0.0, 60)
    limits.block("t", 10.0, 20)
    assert limits.account("t").blocked_until == 60.0
