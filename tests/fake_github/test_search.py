import pytest
from fake_github.asking import get, hub_of

from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import RepositorySpec, population

SEARCH = "/search/repositories"


@pytest.fixture(scope="module")
def hub() -> FakeGitHub:
    return hub_of(*population(7, 1_300, 3))


def test_stars_are_a_band_with_both_ends(hub: FakeGitHub) -> None:
    found = get(hub, SEARCH, q="stars:150..200", per_page=100).json()
    assert found["total_count"] > 100
    assert all(150 <= one["stargazers_count"] <= 200 for one in found["items"])


def test_only_a_thousand_results_can_be_read(hub: FakeGitHub) -> None:
    tenth = get(hub, SEARCH, q="language:go", per_page=100, page=10)
    assert tenth.json()["total_count"] > 1_000
    assert len(tenth.json()["items"]) == 100
    assert "next" not in tenth.links
    past = get(hub, SEARCH, q="language:go", per_page=100, page=11)
    assert past.status_code == 422
    assert past.json()["message"] == "Only the first 1000 search results are available"


def test_every_qualifier_narrows_what_is_found(hub: FakeGitHub) -> None:
    everything = get(hub, SEARCH, q="language:go").json()["total_count"]
    for more in ("license:mit", "archived:true", "stars:>1000", "size:<5000", "created:<2020-01-01",
                 "pushed:>2026-06-01", "-license:mit", "user:acme", "fork:only"):  # fmt: skip
        found = get(hub, SEARCH, q=f"language:go {more}").json()["total_count"]
        assert 0 < found < everything, more


def test_forks_are_left_out_only_where_they_are_asked_to_be() -> None:
    hub = hub_of(RepositorySpec("a/own"), RepositorySpec("a/fork", fork=True))
    assert [one["name"] for one in get(hub, SEARCH, q="user:a").json()["items"]] == ["own"]
    assert get(hub, SEARCH, q="user:a fork:true").json()["total_count"] == 2


def test_a_search_for_nothing_is_unprocessable(hub: FakeGitHub) -> None:
    assert get(hub, SEARCH).status_code == 422
    assert get(hub, SEARCH, q="stars:many").status_code == 422


def test_the_31st_search_within_a_minute_is_refused() -> None:
    hub = hub_of()
    answers = [get(hub, SEARCH, q="language:go") for _ in range(31)]
    assert [one.status_code for one in answers] == [200] * 30 + [403]
    assert answers[-1].headers["x-ratelimit-resource"] == "search"
