"""The client against the GitHub that misbehaves on purpose."""

import asyncio
from collections import Counter

import pytest

from codekiln.core.github.auth import tokens
from codekiln.core.github.batches import BatchSize, halving
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github import clock
from codekiln.fake_github.faults import KINDS, Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

NAMES = [f"acme/part{at}" for at in range(4)]
PULLS = 230
QUERY = """query Look($ids: [ID!]!) {
  rateLimit { cost remaining resetAt }
  nodes(ids: $ids) { ... on PullRequest { number comments(first: 10) { totalCount } } }
}"""


def hub(faults: Faults) -> FakeGitHub:
    return FakeGitHub(World(7, [RepositorySpec(name, PULLS) for name in NAMES]), faults, lean=True)


async def listed(github: GitHub, name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for page in range(1, 100):
        params = {"state": "all", "sort": "created", "direction": "desc"}
        got = await github.get(f"/repos/{name}/pulls", {**params, "per_page": 100, "page": page})
        found |= {row["node_id"]: row["number"] for row in got.body}
        if not got.has_next:
            break
    return found


async def detailed(github: GitHub, ids: list[str], size: BatchSize) -> list[int]:
    async def ask(batch: object) -> list[int]:
        reply = await github.graphql(QUERY, {"ids": batch})
        return [node["number"] for node in reply.data["nodes"] if node]

    return [number async for some in halving(ask, ids, size) for number in some]


async def collected(github: GitHub, name: str, size: BatchSize) -> tuple[int, Counter[int]]:
    """Count the pull requests of one repository in the list, and in the details."""
    found = await listed(github, name)
    return len(found), Counter(await detailed(github, list(found), size))


def run(world: FakeGitHub) -> tuple[GitHub, list[tuple[int, Counter[int]]]]:
    """Collect everything, the repositories side by side."""

    async def asking() -> tuple[GitHub, list[tuple[int, Counter[int]]]]:
        made = GitHub(Endpoint(), tokens({"GITHUB_TOKEN": "sesame"}), transport=world.transport())
        async with made as github:
            size = BatchSize()
            each = await asyncio.gather(*(collected(github, name, size) for name in NAMES))
            return github, list(each)

    return clock.run(asking())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.0, 0.12, 0.3])
def test_mixed_faults_lose_nothing_and_double_nothing(share: float, seed: int) -> None:
    world = hub(Faults.mix(seed, share))
    _, each = run(world)
    assert [count for count, _ in each] == [PULLS] * len(NAMES)
    assert [sum(details.values()) for _, details in each] == [PULLS] * len(NAMES)
    assert all(max(details.values()) == 1 for _, details in each)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_fault_alone_loses_nothing(kind: str) -> None:
    world = hub(Faults.parse(f"{kind}@every4"))
    _, each = run(world)
    assert [count for count, _ in each] == [PULLS] * len(NAMES)
    assert [len(details) for _, details in each] == [PULLS] * len(NAMES)


def test_a_github_that_behaves_is_never_asked_too_much() -> None:
    world = hub(Faults())
    github, _ = run(world)
    assert not world.violations
    assert not github.usage.retries
