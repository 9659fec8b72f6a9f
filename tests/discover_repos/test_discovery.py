"""Discovery against a GitHub with limits, renames and accidents, in virtual time."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import forgotten, tables
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.core.storage.objects import open_store
from codekiln.discover_repos.bands import CEILING
from codekiln.discover_repos.discovery import Discovery
from codekiln.discover_repos.settings import Settings
from codekiln.fake_github import clock
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.messages import Asked
from codekiln.fake_github.specs import RepositorySpec, population
from codekiln.fake_github.world import BORN, World

NOW = datetime.fromtimestamp(BORN, UTC)
TOKENS = tokens({"GITHUB_TOKEN": "ghp_0123456789abcdefghij"})


class Found:
    """What one discovery came to."""

    def __init__(self, folder: Path, hub: FakeGitHub, as_of: datetime = NOW, **told: Any) -> None:
        settings = Settings(data=str(folder / "data"), found=folder / "found", **told)
        self.github = GitHub(Endpoint(), TOKENS, transport=hub.transport())
        self.discovery = Discovery(settings, self.github, Dataset(open_store(settings.data)), as_of)
        self.repositories: Sequence[Repository] = clock.run(self._found())

    async def _found(self) -> Sequence[Repository]:
        async with self.github:
            return await self.discovery.found()

    @property
    def counts(self) -> Counter[str]:
        return self.discovery.counts

    @property
    def calls(self) -> Counter[str]:
        return Counter(self.github.usage.calls)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.repositories]


def many(count: int, seed: int = 7) -> FakeGitHub:
    return FakeGitHub(World(seed, population(seed, count, 3)), lean=True)


def few(*specs: RepositorySpec) -> FakeGitHub:
    return FakeGitHub(World(7, specs), lean=True)


def test_a_search_past_the_ceiling_finds_every_repository_once(tmp_path: Path) -> None:
    hub = many(3 * CEILING)
    found = Found(tmp_path, hub, max_repositories=5000)
    alive = [r for r in hub.world if not r.spec.fork and not r.spec.archived]
    assert found.counts["found"] == len(alive) > 2 * CEILING
    assert len(set(found.names)) == len(found.names)
    left_out = {key: n for key, n in found.counts.items() if key.startswith("left_out_")}
    assert len(found.names) + sum(left_out.values()) == len(alive)
    assert set(left_out) == {
        "left_out_no_license", "left_out_other_license", "left_out_no_push_for_long",
    }  # fmt: skip
    assert not hub.violations


def test_the_most_starred_come_first_and_no_more_is_asked_than_they_need(tmp_path: Path) -> None:
    hub = many(4 * CEILING)
    found = Found(tmp_path, hub, max_repositories=200)
    stars = [one.stars for one in found.repositories]
    assert stars == sorted(stars, reverse=True)
    most = sorted((r.spec.stars for r in hub.world), reverse=True)
    assert most[199] >= stars[-1] > most[400]
    assert found.calls["search"] < 15


def test_one_count_of_stars_past_the_ceiling_is_cut_by_days(tmp_path: Path) -> None:
    specs = [
        RepositorySpec(f"acme/r{n}", 1, stars=100, age_days=400 + n % 900) for n in range(1200)
    ]
    found = Found(tmp_path, few(*specs), max_repositories=5000)
    assert len(found.names) == 1200


def test_a_second_run_of_the_week_asks_nothing_and_says_the_same(tmp_path: Path) -> None:
    hub = many(300)
    first = Found(tmp_path, hub)
    again = Found(tmp_path, hub, NOW + timedelta(days=6))
    assert (first.calls["search"], again.calls["search"]) == (3, 0)
    assert again.names == first.names
    assert again.counts == first.counts


def test_an_old_answer_is_asked_for_anew(tmp_path: Path) -> None:
    hub = many(50)
    Found(tmp_path, hub)
    hub.world.add(RepositorySpec("acme/newcomer", 3, stars=80_000))
    later = NOW + timedelta(days=8)
    assert Found(tmp_path, hub, NOW + timedelta(days=6)).names[0] != "acme/newcomer"
    assert Found(tmp_path, hub, later).names[0] == "acme/newcomer"
    assert Found(tmp_path, hub, NOW, refresh_days=0).calls["search"] == 1


def test_a_search_that_was_stopped_goes_on_with_the_next_band(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codekiln.discover_repos.discovery.COMMIT_EVERY_S", 0.0)
    whole = Found(tmp_path / "whole", many(2500), max_repositories=5000)
    hub, seen = many(2500), Counter[str]()

    def stop(asked: Asked) -> None:
        seen[asked.params["q"]] += asked.params["page"] == "1"
        if sum(seen.values()) == 4:
            raise KeyboardInterrupt

    hub.before = stop
    with pytest.raises(KeyboardInterrupt):
        Found(tmp_path / "stopped", hub, max_repositories=5000)
    resumed = Found(tmp_path / "stopped", hub, max_repositories=5000)
    assert resumed.names == whole.names
    # The band that was at work is asked for again, no other.
    assert max(seen.values()) == 2
    assert sum(count == 2 for count in seen.values()) == 1


@pytest.mark.parametrize("fault", ["incomplete", "403", "429-bare", "502", "html", "truncated"])
def test_every_accident_of_a_search_ends_with_the_whole_list(tmp_path: Path, fault: str) -> None:
    whole = Found(tmp_path / "whole", many(1500), max_repositories=5000)
    hub = many(1500)
    hub.faults = Faults.parse(f"{fault}@every3")
    assert Found(tmp_path / "faulty", hub, max_repositories=5000).names == whole.names


def test_a_search_that_never_comes_to_an_end_is_told(tmp_path: Path) -> None:
    hub = many(20)
    hub.faults = Faults.parse("incomplete@every1")
    with pytest.raises(ServiceError, match=r"gave up on stars:\d+..\* 4 times; run again later"):
        Found(tmp_path, hub)


LISTED = [
    RepositorySpec("acme/router", 3),
    RepositorySpec("acme/copyleft", 3, license="GPL-3.0", stars=2),
    RepositorySpec("acme/old", 3, archived=True, language="C"),
]


def test_a_list_is_taken_as_it_is_in_its_own_order(tmp_path: Path) -> None:
    found = Found(tmp_path, few(*LISTED), repositories="acme/old acme/router acme/copyleft")
    assert found.names == ["acme/old", "acme/router", "acme/copyleft"]
    assert found.repositories[2].license == "GPL-3.0"
    assert found.calls == Counter(graphql=1)


def test_a_list_is_held_against_the_limits_where_that_is_asked_for(tmp_path: Path) -> None:
    asked = "acme/old acme/router acme/copyleft"
    found = Found(tmp_path, few(*LISTED), repositories=asked, filter_list=True)
    assert found.names == ["acme/router"]
    assert found.counts["left_out_archived"] == 1
    assert found.counts["left_out_too_few_stars"] == 1


def test_what_is_gone_renamed_or_named_twice_is_counted(tmp_path: Path) -> None:
    hub = few(*LISTED)
    hub.world.rename("acme/router", "acme/gateway")
    asked = "acme/router acme/gateway Acme/Router acme/nowhere"
    found = Found(tmp_path, hub, repositories=asked)
    assert found.names == ["acme/gateway"]
    assert found.counts == Counter(found=1, named_twice=2, gone=1)


def test_a_list_of_hundreds_is_a_few_calls(tmp_path: Path) -> None:
    hub = many(250)
    found = Found(tmp_path, hub, repositories=" ".join(r.name for r in hub.world))
    assert len(found.names) == 250
    assert found.calls == Counter(graphql=3)


@pytest.mark.parametrize("fault", ["errors", "limited", "502", "504", "reset"])
def test_every_accident_of_a_look_up_ends_with_the_whole_list(tmp_path: Path, fault: str) -> None:
    hub = many(120)
    hub.faults = Faults.parse(f"{fault}@1-2")
    found = Found(tmp_path, hub, repositories=" ".join(r.name for r in hub.world))
    assert len(found.names) == 120


def test_a_list_is_never_cut(tmp_path: Path) -> None:
    asked = "acme/old acme/router acme/copyleft"
    found = Found(tmp_path, few(*LISTED), repositories=asked, max_repositories=2)
    assert len(found.names) == 3


def test_a_wrong_license_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    hub = many(5)
    with pytest.raises(InputError, match="licenses names 'permisive'"):
        Found(tmp_path, hub, licenses="permisive")
    assert not hub.requests


def forget(folder: Path, one: Repository) -> Dataset:
    dataset = Dataset(open_store(str(folder / "data")))
    mark = Forgotten(key=one.node_id, name=one.name, when=NOW.isoformat())
    dataset.commit({}, run="test", state=forgotten.kept_out(mark))
    return dataset


def test_a_search_leaves_out_what_was_forgotten_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    hub = many(50)
    first = Found(tmp_path / "first", hub)
    dataset = forget(tmp_path / "second", first.repositories[0])
    found = Found(tmp_path / "second", hub)
    assert found.names == first.names[1:]
    assert found.counts["left_out_forgotten"] == 1
    assert found.counts["found"] == first.counts["found"]
    assert Found(tmp_path / "second", hub).names == found.names
    [entry] = dataset.entries(dataset.newest())
    rows = tables.rows(dataset, entry.tables["repositories"])
    assert first.names[0] not in {row["name"] for row in rows}


@pytest.mark.parametrize("filtered", [True, False])
def test_a_list_leaves_out_what_was_forgotten(tmp_path: Path, filtered: bool) -> None:
    hub = few(RepositorySpec("acme/router", 3), RepositorySpec("acme/mux", 3))
    told: dict[str, Any] = {"repositories": "acme/router acme/mux", "filter_list": filtered}
    both = Found(tmp_path, hub, **told)
    forget(tmp_path, next(one for one in both.repositories if one.name == "acme/router"))
    found = Found(tmp_path, hub, **told)
    assert (found.names, found.counts["left_out_forgotten"]) == (["acme/mux"], 1)
