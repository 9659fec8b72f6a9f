"""Runs the collector in a test: a made-up GitHub, virtual time, a data set in a folder."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_up_git import MadeUpGit

from codekiln.collect_pulls import details, state
from codekiln.collect_pulls.filters import Rules
from codekiln.collect_pulls.git_source import GitSource
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.run import Outcome, collect_all
from codekiln.collect_pulls.sources import Git, Plan, Sources
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.store import LEDGER, PULLS, Store
from codekiln.core.corpus.pulls import (
    LedgerRow,
    PullRequest,
    from_row,
)
from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.core.github.usage import Usage
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github import clock, orders
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.messages import Asked
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
ROUTER = "acme/router"
EVERYTHING = Rules(merged_only=False, bots=True, min_files=0, min_additions=0)


@dataclass
class Bed:
    """A world, a data set, and runs of the collector between them."""

    folder: Path
    world: World
    rules: Rules = field(default_factory=Rules)
    cap: int = 0
    faults: Faults = field(default_factory=Faults)
    commit_s: float = 0
    at_once: int = 4
    git: Git | None = None
    """None: the world's real git."""
    overlap: timedelta = timedelta(hours=24)
    conversation: bool = True
    hub: FakeGitHub = field(init=False)
    usage: Usage = field(init=False)
    """What the last run has cost."""

    def __post_init__(self) -> None:
        self.hub = FakeGitHub(self.world, self.faults, lean=True)

    @property
    def dataset(self) -> Dataset:
        return Dataset(LocalFolder(self.folder / "data"))

    def run(self, **more: Any) -> Outcome:
        """Collect once, with other settings than the bed's if told."""
        bed = replace_some(self, more)
        bed.hub.seen.clear()
        outcome = clock.run(bed.collect())
        self.usage = bed.usage
        return outcome

    def later(self, seconds: float) -> None:
        """Let time pass in the world, whose clock runs with an event loop alone."""

        async def wait() -> None:
            self.world.now()
            await asyncio.sleep(seconds)
            self.world.now()

        clock.run(wait())

    async def collect(self) -> Outcome:
        scratch = self.folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        server = Endpoint(server_url=f"file://{self.folder / 'git'}")
        who = tokens({"GITHUB_TOKEN": "ghp_made_up"})
        async with (
            GitHub(server, who, transport=self.hub.transport()) as github,
            contextlib.aclosing(details.pool(github, conversation=self.conversation)) as pool,
        ):
            store = Store(self.dataset, "test", self.commit_s)
            git = self.git or GitSource(github, scratch, 2, Limits())
            sources = Sources(github=github, git=git, store=store, scratch=scratch, details=pool)
            plan = Plan(rules=self.rules, as_of=AS_OF, cap=self.cap, overlap=self.overlap)
            self.usage = github.usage
            return await collect_all(sources, store, plan, self.origins(), self.at_once)

    def origins(self) -> list[Origin]:
        return [Origin(one.node_id, one.name, one.spec.license or "") for one in self.world]

    # --- what is there afterwards ---

    def entries(self) -> dict[str, Entry]:
        """Return the entries by node id."""
        dataset = self.dataset
        return {entry.key: entry for entry in dataset.entries(dataset.newest())}

    def entry(self, name: str) -> Entry:
        return self.entries()[self.world.known(name).node_id]

    def state(self, name: str) -> State:
        return state.from_json(self.entry(name).state)

    def pulls(self, name: str) -> list[PullRequest]:
        rows = tables.rows(self.dataset, self.entry(name).tables.get(PULLS, ()))
        return [from_row(PullRequest, row) for row in rows]

    def ledger(self, name: str) -> list[LedgerRow]:
        rows = tables.rows(self.dataset, self.entry(name).tables.get(LEDGER, ()))
        return [from_row(LedgerRow, row) for row in rows]

    def paths(self, part: str = "") -> list[str]:
        """Return what the last run asked for, of the requests with `part` in them."""
        return [f"{one.path} {one.query}" for one in self.hub.seen if part in one.path]


def replace_some(bed: Bed, more: Mapping[str, Any]) -> Bed:
    if not more:
        return bed
    made = replace(bed, **more)
    made.hub = bed.hub
    return made


def bed_of(folder: Path, *specs: RepositorySpec, **more: Any) -> Bed:
    """Return a bed with a world of `specs`; made-up git unless told otherwise."""
    world = World(seed=7, specs=specs, folder=folder / "git")
    return Bed(folder, world, **{"git": MadeUpGit(), **more})


def router(count: int = 250, **more: object) -> RepositorySpec:
    """Describe the repository that most tests collect."""
    return RepositorySpec(ROUTER, pulls=count, **more)  # type: ignore[arg-type]


def numbers(bed: Bed, name: str = ROUTER) -> set[int]:
    """Return the numbers of the pull requests that a repository was made with."""
    found = bed.world.known(name)
    return {found.number_of(index) for index in range(found.spec.pulls)}


def asked_of_git(bed: Bed) -> int:
    """Return of how many pull requests git was asked so far."""
    assert isinstance(bed.git, MadeUpGit)
    return bed.git.asked


class Hiding:
    """Lists of pull requests without some of them, though GitHub goes on counting these."""

    def __init__(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bed = bed
        self.hidden: set[int] = set()
        self._whole = orders.listed
        monkeypatch.setattr(orders, "listed", self._visible)

    def _visible(self, *told: Any, **more: Any) -> list[int]:
        return [index for index in self._whole(*told, **more) if index not in self.hidden]

    def hide_at(self, page: int, *indexes: int) -> None:
        """Hide these of the world's pull requests when such a page is asked for."""

        def hide(asked: Asked) -> None:
            if asked.params.get("page") == str(page) and asked.path.endswith("/pulls"):
                self.hidden.update(indexes)

        self.bed.hub.before = hide
