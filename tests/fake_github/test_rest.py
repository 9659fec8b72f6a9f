import httpx2
from fake_github.asking import API, NAME, Client, get, hub_of, within

from codekiln.fake_github.specs import RepositorySpec

PULLS = f"/repos/{NAME}/pulls"


def test_the_pages_of_a_list_hold_every_pull_request_once() -> None:
    hub = hub_of()

    async def walk(client: Client) -> list[int]:
        url: str | None = f"{API}{PULLS}?state=all&per_page=100"
        numbers = []
        while url:
            response = await client.get(url)
            numbers += [one["number"] for one in response.json()]
            url = response.links.get("next", {}).get("url")
        return numbers

    numbers = within(hub, walk)
    assert len(numbers) == len(set(numbers)) == 250
    assert numbers == sorted(numbers, reverse=True)


def test_a_pull_request_has_the_fields_of_githubs_own() -> None:
    pull = get(hub_of(), PULLS, state="all").json()[0]
    # The required properties of pull-request-simple in GitHub's OpenAPI description.
    assert {
        "_links", "assignee", "labels", "base", "body", "closed_at", "comments_url", "commits_url",
        "created_at", "diff_url", "head", "html_url", "id", "node_id", "issue_url",
        "merge_commit_sha", "merged_at", "milestone", "number", "patch_url", "review_comment_url",
        "review_comments_url", "statuses_url", "state", "locked", "title", "updated_at", "url",
        "user", "author_association", "auto_merge",
    } <= pull.keys()  # fmt: skip
    assert pull["base"]["repo"]["full_name"] == NAME
    assert pull["user"].keys() >= {"login", "id", "node_id", "type", "avatar_url", "repos_url"}


def test_a_list_by_default_holds_the_thirty_newest_open_ones() -> None:
    hub = hub_of(RepositorySpec(NAME, pulls=4_000))
    pulls = get(hub, PULLS).json()
    assert len(pulls) == 30
    assert {one["state"] for one in pulls} == {"open"}


def test_a_list_by_update_never_falls_upwards() -> None:
    pulls = get(hub_of(), PULLS, state="all", sort="updated", direction="desc", per_page=100).json()
    moments = [one["updated_at"] for one in pulls]
    assert moments == sorted(moments, reverse=True)


def test_the_single_pull_request_knows_its_counts() -> None:
    hub = hub_of()
    number = get(hub, PULLS, state="closed").json()[0]["number"]
    pull = get(hub, f"{PULLS}/{number}").json()
    assert pull["changed_files"] >= 1
    assert pull["additions"] >= 1
    assert pull["mergeable_state"] == "unknown"


def test_an_issues_number_is_no_pull_request() -> None:
    hub = hub_of()
    numbers = {one["number"] for one in get(hub, PULLS, state="all", per_page=100).json()}
    issue = next(n for n in range(min(numbers), max(numbers)) if n not in numbers)
    assert get(hub, f"{PULLS}/{issue}").status_code == 404


def test_all_review_comments_of_a_repository_come_newest_first() -> None:
    response = get(hub_of(), f"{PULLS}/comments", sort="created", direction="desc", per_page=100)
    moments = [one["created_at"] for one in response.json()]
    assert len(moments) == 100
    assert moments == sorted(moments, reverse=True)
    assert response.json()[0]["pull_request_url"].startswith(f"{API}{PULLS}/")


def test_without_a_sort_the_direction_of_review_comments_is_ignored() -> None:
    moments = [
        one["created_at"] for one in get(hub_of(), f"{PULLS}/comments", direction="desc").json()
    ]
    assert moments == sorted(moments)


def test_since_cuts_off_older_review_comments() -> None:
    since = "2026-01-01T00:00:00Z"
    moments = [one["created_at"] for one in get(hub_of(), f"{PULLS}/comments", since=since).json()]
    assert moments
    assert min(moments) >= since


def test_review_comments_of_one_pull_request_are_those_of_the_list() -> None:
    hub = hub_of()
    first = get(hub, f"{PULLS}/comments", sort="created", direction="desc").json()[0]
    number = first["pull_request_url"].rsplit("/", 1)[1]
    assert first in get(hub, f"{PULLS}/{number}/comments", per_page=100).json()


def test_an_unchanged_page_is_free() -> None:
    hub = hub_of()

    async def twice(client: Client) -> tuple[httpx2.Response, httpx2.Response]:
        first = await client.get(PULLS)
        tag = {"if-none-match": first.headers["etag"]}
        return first, await client.get(PULLS, headers=tag)

    first, second = within(hub, twice)
    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]


def test_a_renamed_repository_redirects_to_its_number() -> None:
    hub = hub_of()
    hub.world.rename(NAME, "acme/mux")
    response = get(hub, PULLS, state="closed", page=2)
    assert response.status_code == 301
    assert response.headers["location"].startswith(f"{API}/repositories/")
    assert "state=closed" in response.headers["location"]
    assert (
        get(hub, response.headers["location"]).json()[0]["base"]["repo"]["full_name"] == "acme/mux"
    )


def test_what_takes_the_old_name_ends_the_redirect() -> None:
    hub = hub_of()
    hub.world.rename(NAME, "acme/mux")
    hub.world.add(RepositorySpec(NAME, pulls=3))
    assert get(hub, f"/repos/{NAME}").json()["full_name"] == NAME


def test_what_is_gone_is_404_and_what_is_blocked_451() -> None:
    hub = hub_of(
        RepositorySpec("a/gone"), RepositorySpec("a/blocked"), RepositorySpec("a/own", private=True)
    )
    hub.world.delete("a/gone")
    hub.world.delete("a/blocked", "dmca")
    assert get(hub, "/repos/a/gone").status_code == 404
    assert get(hub, "/repos/a/gone/pulls").status_code == 404
    assert get(hub, "/repos/a/blocked").status_code == 451
    assert get(hub, "/repos/a/own").status_code == 404
    assert get(hub, "/repos/a/never").status_code == 404


def test_an_unknown_state_is_unprocessable() -> None:
    assert get(hub_of(), PULLS, state="merged").status_code == 422


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert get(hub_of(), PULLS).content == get(hub_of(), PULLS).content


def test_an_enterprise_server_has_its_api_under_a_path() -> None:
    response = get(hub_of(), f"https://github.example.com/api/v3/repos/{NAME}")
    assert response.json()["url"] == f"https://github.example.com/api/v3/repos/{NAME}"
    assert response.json()["html_url"] == f"https://github.example.com/{NAME}"


def test_base_and_head_narrow_a_list() -> None:
    hub = hub_of()
    one = get(hub, PULLS, state="all").json()[0]
    assert get(hub, PULLS, state="all", base="release-1").json() == []
    found = get(hub, PULLS, state="all", head=one["head"]["label"], per_page=100).json()
    assert one["number"] in {pull["number"] for pull in found}
    assert {pull["head"]["label"] for pull in found} == {one["head"]["label"]}
