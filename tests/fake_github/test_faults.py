import json

import httpx2
import pytest
from fake_github.asking import NAME, Client, get, hub_of, query, within

from codekiln.core.errors import InputError
from codekiln.fake_github.faults import KINDS, Faults
from codekiln.fake_github.latency import Latency
from codekiln.fake_github.specs import RepositorySpec

PATH = f"/repos/{NAME}"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ("403", 403, "30"),
        ("403-bare", 403, None),
        ("429", 429, "20"),
        ("429-bare", 429, None),
        ("500", 500, None),
        ("502", 502, None),
        ("503", 503, None),
        ("504", 504, None),
    ],
)
def test_a_fault_by_status_hits_the_request_it_names(
    fault: str, status: int, retry_after: str | None
) -> None:
    hub = hub_of(faults=f"{fault}@2")
    assert get(hub, PATH).status_code == 200
    response = get(hub, PATH)
    assert response.status_code == status
    assert response.headers.get("retry-after") == retry_after
    assert hub.seen[-1].fault == fault


def test_html_comes_with_status_200() -> None:
    response = get(hub_of(faults="html@1"), PATH)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("fault", ["reset", "reset-early"])
def test_a_reset_is_an_error_of_the_connection(fault: str) -> None:
    with pytest.raises(httpx2.ReadError):
        get(hub_of(faults=f"{fault}@1"), PATH)


def test_a_truncated_body_is_an_error_of_the_protocol() -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="complete message body"):
        get(hub_of(faults="truncated@1"), PATH)


def test_garbage_has_the_right_length_and_no_end() -> None:
    response = get(hub_of(faults="garbage@1"), PATH)
    assert response.headers["content-length"] == str(len(response.content))
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_query_fails_under_200() -> None:
    hub = hub_of(faults="errors@1 limited@2")
    assert query(hub, NODES, {"ids": []})["errors"][0]["message"].startswith("Something went wrong")
    assert query(hub, NODES, {"ids": []})["errors"][0]["type"] == "RATE_LIMITED"


def test_a_partial_answer_has_an_error_for_each_node_it_lacks() -> None:
    hub = hub_of(faults="partial@1:graphql")
    ids = [one["node_id"] for one in get(hub, f"{PATH}/pulls", state="all", per_page=50).json()]
    told = query(hub, NODES, {"ids": ids})
    lacking = [place for place, node in enumerate(told["data"]["nodes"]) if node is None]
    assert 0 < len(lacking) < 50
    assert [error["path"][1] for error in told["errors"]] == lacking


def test_an_incomplete_search_says_so() -> None:
    hub = hub_of(RepositorySpec("a/one"), RepositorySpec("a/two"), faults="incomplete@1")
    told = get(hub, "/search/repositories", q="language:go").json()
    assert told["incomplete_results"] is True
    assert (told["total_count"], len(told["items"])) == (2, 1)


def test_a_slow_answer_takes_six_times_as_long() -> None:
    hub = hub_of(faults="slow@2", latency=Latency(spread=1.0, network_s=0))
    for _ in range(2):
        get(hub, PATH)
    assert hub.seen[1].took == pytest.approx(6 * hub.seen[0].took)


def test_the_clients_own_patience_ends_in_virtual_time() -> None:
    hub = hub_of(latency=Latency(rest_s=100))

    async def ask(client: Client) -> None:
        with pytest.raises(httpx2.ReadTimeout):
            await client.get(PATH)

    within(hub, ask)
    assert (hub.seen[-1].status, hub.seen[-1].fault) == (0, "client gave up")
    assert hub.limits.account("t").in_flight == 0


def test_a_rule_counts_only_what_it_names() -> None:
    hub = hub_of(faults="502@1:/pulls 503@2-3:search")
    statuses = [get(hub, path, q="language:go").status_code
                for path in (PATH, f"{PATH}/pulls", *["/search/repositories"] * 4)]  # fmt: skip
    assert statuses == [200, 502, 200, 503, 503, 200]


def test_every_nth_request_can_fail() -> None:
    hub = hub_of(faults="500@every3")
    assert [get(hub, PATH).status_code for _ in range(6)] == [200, 200, 500] * 2


def test_a_mix_repeats_with_its_seed_and_uses_every_kind() -> None:
    def struck(seed: int) -> list[str]:
        hub = hub_of(latency=Latency())
        hub.faults = Faults.mix(seed, 0.5, kinds=("500", "502", "html"))
        for _ in range(60):
            get(hub, PATH)
        return [one.fault for one in hub.seen]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert set(struck(1)) == {"", "500", "502", "html"}


@pytest.mark.parametrize("script", ["boom@1", "502", "502@", "502@1-", "502@x"])
def test_a_script_that_cannot_be_read_is_named(script: str) -> None:
    with pytest.raises(InputError, match="want KIND@N"):
        Faults.parse(script)


@pytest.mark.parametrize("name", ["mild", "rough"])
def test_the_named_mixes_hold_every_kind(name: str) -> None:
    faults = Faults.parse(name, seed=3)
    assert faults.share > 0
    assert tuple(faults.kinds) == KINDS
