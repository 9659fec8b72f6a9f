"""git over HTTP, from a GitHub that misbehaves: what comes is whole, or is told to be missing."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from histories import History
from pull_histories import same_as_git

from codekiln.collect_pulls import forks
from codekiln.collect_pulls.changes import Failed, Wanted, told
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import Changes
from codekiln.core.errors import ServiceError
from codekiln.core.git.remote import Patience, Terms
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

NAME = "acme/router"
PATIENT = Terms(patience=Patience(attempts=8, wait_s=0.01, longest_s=0.02))
Found = dict[int, Changes | Failed]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(seed=7, specs=[RepositorySpec(NAME, pulls=30, git=True)], folder=tmp_path / "git")


def collected(
    world: World, scratch: Path, faults: Faults | None = None, name: str = NAME
) -> tuple[list[Wanted], Found]:
    """Return the pull requests that `name` lists, and what git tells of them over HTTP."""

    async def run() -> tuple[list[Wanted], Found]:
        async with FakeGitHub(world, faults).serve() as url:
            return await asyncio.to_thread(asked, url)

    def asked(url: str) -> tuple[list[Wanted], Found]:
        wanted = listed(f"{url}/repos/{NAME}/pulls?state=all&per_page=100")
        with Mirror(f"{url}/{name}.git", scratch, terms=PATIENT) as mirror:
            return wanted, {one.number: one for one in told(mirror, wanted)}

    return asyncio.run(run())


def listed(url: str) -> list[Wanted]:
    """Return the pull requests on the page at `url`."""
    rows = httpx2.get(url, follow_redirects=True).json()
    return [
        Wanted(r["number"], r["head"]["sha"], r["base"]["sha"], r["merge_commit_sha"] or "")
        for r in rows
    ]


def checked(world: World, wanted: list[Wanted], found: Found) -> None:
    """Check that each pull request is told of as git tells of it."""
    made = History(world.git_path(NAME))
    assert len(wanted) == len(found) == 30
    for one in wanted:
        changes = found[one.number]
        assert isinstance(changes, Changes), changes
        same_as_git(made, one.base_sha, one.head_sha, changes)


def test_what_comes_over_http_is_what_git_says(world: World, tmp_path: Path) -> None:
    checked(world, *collected(world, tmp_path / "scratch"))


FAULTS = ["403", "429", "502", "504", "html", "reset", "truncated"]


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_survived(world: World, tmp_path: Path, fault: str) -> None:
    faults = Faults.parse(f"{fault}@1-2:git {fault}@every5:git")
    checked(world, *collected(world, tmp_path / "scratch", faults))
    assert faults.struck[fault] > 2


def test_a_service_that_stays_broken_is_a_failed_service(world: World, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="check the network and run again"):
        collected(world, tmp_path / "scratch", Faults.parse("502@every1:git"))


def test_a_renamed_repository_is_followed(world: World, tmp_path: Path) -> None:
    world.rename(NAME, "acme/paths")
    _, found = collected(world, tmp_path / "scratch")
    assert len(found) == 30
    assert all(isinstance(one, Changes) for one in found.values())


def test_a_head_that_was_pushed_over_and_lost_fails_alone(world: World, tmp_path: Path) -> None:
    lost = listed_offline(world, tmp_path / "first")[3]
    world.lose_head(NAME, lost)
    _, found = collected(world, tmp_path / "second")
    assert found.pop(lost) == Failed(lost, forks.HEAD_GONE)
    assert len(found) == 29
    assert all(isinstance(one, Changes) for one in found.values())


def listed_offline(world: World, scratch: Path) -> list[int]:
    """Return the numbers of the pull requests."""
    return [one.number for one in collected(world, scratch)[0]]


def test_a_deleted_repository_fails_each_of_its_pull_requests(world: World, tmp_path: Path) -> None:
    _, found = collected(world, tmp_path / "scratch", name="acme/none")
    assert set(found.values()) == {Failed(n, forks.REPOSITORY_GONE) for n in found}
