import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fake_github.asking import NAME, Client, get, hub_of, query, within

from codekiln.core.errors import InputError
from codekiln.fake_github import clock
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import LICENSES, RepositorySpec, population
from codekiln.fake_github.world import TIMELINES_KEPT, World

PULLS = f"/repos/{NAME}/pulls"


def newest(hub: FakeGitHub) -> Any:
    return get(hub, PULLS, state="all").json()[0]


def open_number(hub: FakeGitHub) -> int:
    return int(get(hub, PULLS, state="open").json()[0]["number"])


def test_an_opened_pull_request_is_the_newest() -> None:
    hub = hub_of()
    number = hub.world.open_pull(NAME, title="Fix it", author="mona")
    pull = newest(hub)
    assert (pull["number"], pull["title"], pull["user"]["login"]) == (number, "Fix it", "mona")
    assert pull["state"] == "open"


def test_merging_tells_by_whom_and_when() -> None:
    hub = hub_of()
    number = hub.world.open_pull(NAME)

    async def later() -> None:
        await asyncio.sleep(60)
        hub.world.merge(NAME, number)

    clock.run(later())
    pull = get(hub, f"{PULLS}/{number}").json()
    assert pull["merged"] is True
    assert pull["merged_at"] == pull["updated_at"] > pull["created_at"]
    assert pull["merged_by"]["login"]
    assert pull["merge_commit_sha"]


@pytest.mark.parametrize(
    "change",
    [
        lambda world, number: world.comment(NAME, number, "PTAL"),
        lambda world, number: world.retitle(NAME, number, "Better words"),
        lambda world, number: world.force_push(NAME, number),
        lambda world, number: world.merge(NAME, number),
        lambda world, number: world.close(NAME, number),
    ],
    ids=["comment", "retitle", "force push", "merge", "close"],
)
def test_each_change_moves_updated_at_and_the_etag(change: Callable[[World, int], None]) -> None:
    hub = hub_of()
    number = open_number(hub)
    before = get(hub, PULLS, state="all", per_page=100)

    async def later(_client: Client) -> None:
        await asyncio.sleep(10)
        change(hub.world, number)

    within(hub, later)
    after = get(hub, PULLS, state="all", sort="updated", direction="desc")
    assert after.json()[0]["number"] == number
    again = get(hub, PULLS, state="all", per_page=100, etag=before.headers["etag"])
    assert again.status_code == 200
    assert again.headers["etag"] != before.headers["etag"]


def test_a_comment_leaves_the_other_pages_as_they_were() -> None:
    hub = hub_of()
    second = get(hub, PULLS, state="all", per_page=100, page=3)
    hub.world.comment(NAME, open_number(hub))
    again = get(hub, PULLS, state="all", per_page=100, page=3, etag=second.headers["etag"])
    assert again.status_code == 304


def test_two_changes_within_a_second_give_two_etags() -> None:
    hub = hub_of()
    number = open_number(hub)
    tags = set()
    for words in ("one", "two"):
        hub.world.retitle(NAME, number, words)
        tags.add(get(hub, f"{PULLS}/{number}").headers["etag"])
    assert len(tags) == 2


def test_a_comment_is_in_graphql_and_in_the_count() -> None:
    hub = hub_of()
    number = open_number(hub)
    hub.world.comment(NAME, number, "Any news?", author="mona")
    text = f"""{{ repository(owner: "acme", name: "router") {{ pullRequest(number: {number}) {{
        comments(last: 1) {{ totalCount nodes {{ body author {{ login }} }} }} }} }} }}"""
    told = query(hub, text)["data"]["repository"]["pullRequest"]["comments"]
    assert told["nodes"] == [{"body": "Any news?", "author": {"login": "mona"}}]
    assert told["totalCount"] == get(hub, f"{PULLS}/{number}").json()["comments"]


def test_rows_inserted_while_paging_shift_pages_but_lose_nothing() -> None:
    hub = hub_of()
    inserted: list[int] = []
    hub.before = lambda _asked: inserted.append(hub.world.open_pull(NAME))

    async def walk(client: Client) -> list[int]:
        numbers: list[int] = []
        for page in range(1, 5):
            rows = (await client.get(f"{PULLS}?state=all&per_page=100&page={page}")).json()
            numbers += [one["number"] for one in rows]
        return numbers

    numbers = within(hub, walk)
    assert len(set(numbers)) == 251
    assert len(numbers) > len(set(numbers))


def test_a_pull_request_keeps_its_ids_when_its_repository_moves() -> None:
    hub = hub_of()
    before = newest(hub)
    hub.world.rename(NAME, "other/name")
    after = get(hub, "/repos/other/name/pulls", state="all").json()[0]
    assert (after["id"], after["node_id"], after["head"]["sha"]) == (
        before["id"], before["node_id"], before["head"]["sha"],
    )  # fmt: skip


def test_everything_happened_before_the_first_moment() -> None:
    hub = hub_of(RepositorySpec(NAME, pulls=400, pushed_days=0))
    now = "2026-07-01T00:00:00Z"
    for page in range(1, 5):
        for pull in get(hub, PULLS, state="all", per_page=100, page=page).json():
            assert pull["created_at"] <= pull["updated_at"] <= now
            assert (pull["closed_at"] or now) <= now
            assert pull["created_at"] <= (pull["closed_at"] or now)
            assert (pull["closed_at"] or "") <= pull["updated_at"]


def test_the_clock_of_a_world_goes_on_from_loop_to_loop() -> None:
    world = World()

    async def wait() -> float:
        world.now()
        await asyncio.sleep(100)
        return world.now() - world.born

    assert clock.run(wait()) == 100
    assert clock.run(wait()) == 200


def test_three_thousand_repositories_need_no_memory_for_their_pulls() -> None:
    world = World(7, population(7, 3_000, 500))
    for found in list(world)[: TIMELINES_KEPT + 50]:
        named = world.find(found.name)
        assert named is found
        assert len(found.timeline) == 500
    kept = sum(found._timeline is not None for found in world)
    assert kept <= TIMELINES_KEPT + 1


def test_a_population_is_as_mixed_as_github() -> None:
    specs = list(population(7, 3_000))
    assert len({spec.name for spec in specs}) == 3_000
    assert {spec.license for spec in specs} == {*LICENSES, None}
    assert 0.4 < sum(spec.stars < 200 for spec in specs) / 3_000 < 0.6
    assert any(spec.archived for spec in specs)
    assert any(spec.fork for spec in specs)


def test_a_mistaken_name_or_number_is_told() -> None:
    world = World(7, [RepositorySpec(NAME)])
    with pytest.raises(InputError, match="no repository acme/none"):
        world.rename("acme/none", "acme/new")
    with pytest.raises(InputError, match="no pull request 99999"):
        world.merge(NAME, 99_999)
    with pytest.raises(InputError, match="no git"):
        world.git_path(NAME)
    with pytest.raises(InputError, match="there already"):
        world.add(RepositorySpec(NAME))
