"""Measure collect_pulls: a simulated day of GitHub, git in real time, and memory.

    python bench/collect_pulls.py day [--repositories 3000] [--pulls 500] [--slim] [--seed 7]
    python bench/collect_pulls.py git [--repositories 5] [--pulls 400]
    python bench/collect_pulls.py memory [--pulls 100000]

`day` collects a made-up GitHub (codekiln.fake_github: real page sizes, point costs, hourly budgets,
secondary limits, response times of a second for a page of a hundred) with one token in virtual
time, and prints the hours that it would take. Git and storage are left out of it: they wait for
nobody's limits. `--slim` leaves out comments and reviews, two of three connections of a GraphQL
query: the goal is for these core fields. What binds is GitHub's rule of 90 seconds of processor
time a minute, so the hours follow from the response times that the fake has. Lost and doubled are
told by comparing what came with what is in the world.

`git` collects repositories that have real git, over file://, in real time without delays, with the
whole of the collector and its data set. `memory` does one repository without a cap and prints how
much more memory it took at its peak than at a tenth of its way.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from made_up_git import MadeUpGit, WorldsChanges

from codekiln.collect_pulls import details
from codekiln.collect_pulls.collector import Collector
from codekiln.collect_pulls.filters import Rules
from codekiln.collect_pulls.git_source import GitSource
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.run import collect_all
from codekiln.collect_pulls.settings import Settings
from codekiln.collect_pulls.sources import Git, Plan, Sources
from codekiln.collect_pulls.state import State, settled
from codekiln.collect_pulls.step import Step, taken
from codekiln.collect_pulls.store import Store
from codekiln.core.corpus import ledger
from codekiln.core.corpus.pulls import ChangedFile, Changes
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint, endpoint
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github import clock
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.latency import NO_LATENCY
from codekiln.fake_github.limits import Limits as HubLimits
from codekiln.fake_github.specs import RepositorySpec, population
from codekiln.fake_github.world import World

GOAL_HOURS, GOAL_CALLS = 12.0, 0.05
GOAL_MIB = 100
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
AT_ONCE: int = Settings.model_fields["repositories_at_once"].default


@dataclass
class Counting:
    """A store that keeps what the run needs and counts; no record is held."""

    states: dict[str, State] = field(default_factory=dict)
    numbers: dict[str, set[int]] = field(default_factory=dict)
    came: Counter[str] = field(default_factory=Counter)

    async def put(self, step: Step) -> None:
        """Take one step."""
        held = self.states.get(step.key, State())
        self.states[step.key] = taken(held, {}, step)[0]
        seen = self.numbers.setdefault(step.key, set())
        self.came["rows"] += len(step.rows)
        self.came["doubled"] += sum(row.number in seen for row in step.rows)
        self.came["unmatched"] += len(step.pulls) != sum(not r.reason for r in step.rows)
        seen.update(row.number for row in step.rows)

    async def known(self, key: str, numbers: Sequence[int]) -> Mapping[int, Known]:  # noqa: ARG002
        """Return what an earlier run left: there was none."""
        return {}


def day(told: argparse.Namespace) -> None:
    """Print what a whole collection costs, in GitHub's time."""
    world = World(told.seed, population(told.seed, told.repositories, told.pulls))
    hub = FakeGitHub(world, lean=True)
    store, start = Counting(), time.monotonic()

    async def run() -> tuple[float, GitHub]:
        who = tokens({"GITHUB_TOKEN": "ghp_simulated_day"})
        async with GitHub(Endpoint(), who, transport=hub.transport()) as github:
            pool = details.pool(github, conversation=not told.slim)
            sources = Sources(
                github=github, git=WorldsChanges(world), store=store, scratch=Path(told.scratch),
                details=pool,
            )  # fmt: skip
            collector = Collector(sources, plan(told.pulls), lambda _key: State(), AT_ONCE)
            await collector.run(await collector.tasks(origins(world)))
            return asyncio.get_running_loop().time(), github

    seconds, github = clock.run(run())
    report_day(told, store, hub, seconds, github)
    print(f"simulated in              {time.monotonic() - start:,.0f} s")


def report_day(
    told: argparse.Namespace, store: Counting, hub: FakeGitHub, seconds: float, github: GitHub
) -> None:
    """Print the figures of the simulated day."""
    pulls = told.repositories * told.pulls
    sums = ledger.added(settled(state).sums for state in store.states.values())
    usage, hours = github.usage, seconds / 3600
    expected = {one.node_id: {one.number_of(i) for i in range(told.pulls)} for one in hub.world}
    lost = sum(len(numbers - store.numbers.get(key, set())) for key, numbers in expected.items())
    calls = usage.total / pulls
    fields = "core" if told.slim else "core, comments and reviews"
    print(f"pull requests             {pulls:,} in {told.repositories:,} repositories")
    print(f"fields                    {fields}")
    print(f"collected                 {sums.collected:,} ({sums.collected / pulls:.0%})")
    print(f"filtered                  {dict(sums.filtered)}")
    print(f"lost, doubled             {lost}, {store.came['doubled']}")
    print(f"unaccounted               {sums.unaccounted}")
    print(f"hours                     {hours:.2f} (goal {GOAL_HOURS}: {met(hours <= GOAL_HOURS)})")
    print(f"calls                     {dict(usage.calls)}")
    print(f"calls a pull request      {calls:.4f} (goal {GOAL_CALLS}: {met(calls <= GOAL_CALLS)})")
    print(f"GraphQL points a pull     {usage.points / pulls:.4f}")
    print(f"limit violations          {dict(hub.violations)}")
    print(f"retries                   {dict(usage.retries)}")
    print(f"seconds waited            {usage.waited_s()}")
    spent = {name: round(value, 1) for name, value in hub.limits.highest.items()}
    print(f"most in any minute        {spent}")


def met(is_met: bool) -> str:
    """Say whether a goal is met."""
    return "met" if is_met else "missed"


def plan(cap: int) -> Plan:
    """Return the plan of the default settings."""
    return Plan(rules=Rules(), as_of=AS_OF, cap=cap, overlap=timedelta(hours=24))


def origins(world: World) -> list[Origin]:
    """Return all repositories of the world."""
    return [Origin(one.node_id, one.name, one.spec.license or "") for one in world]


def git(told: argparse.Namespace) -> None:
    """Print how fast repositories with real git are collected into a data set."""
    folder = Path(told.scratch)
    specs = population(told.seed, told.repositories, told.pulls, git=True)
    world = World(told.seed, specs, folder=folder / "git")
    for one in world:
        world.find(one.name)  # builds its git before the clock runs
    start, before = time.monotonic(), cpu_s()
    sums = asyncio.run(whole(world, folder, 0))
    wall, cpu = time.monotonic() - start, cpu_s() - before
    size = sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())
    print(f"pull requests             {sums.total:,}, collected {sums.collected:,}")
    print(f"filtered, failed          {dict(sums.filtered)}, {dict(sums.failed)}")
    print(f"seconds                   {wall:.1f} wall, {cpu:.1f} CPU (the fake's included)")
    print(
        f"pull requests a CPU-s     {sums.total / cpu:,.0f}; collected {sums.collected / cpu:,.0f}"
    )
    print(f"data set                  {size / 1e6:,.1f} MB")


def cpu_s() -> float:
    """Return the CPU seconds of this process and its children so far."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


async def whole(world: World, folder: Path, cap: int, changes: Git | None = None) -> ledger.Sums:
    """Collect `world` as the phase does, into a data set in `folder`, without delays."""
    hub = FakeGitHub(world, latency=NO_LATENCY, limits=HubLimits(enforced=False), lean=True)
    who = tokens({"GITHUB_TOKEN": "ghp_simulated_day"})
    server = Endpoint(server_url=f"file://{folder / 'git'}")
    async with GitHub(server, who, transport=hub.transport()) as github:
        store = Store(Dataset(LocalFolder(folder / "data")), "bench", 60)
        sources = Sources(
            github=github, git=changes or GitSource(github, folder, 2, Limits()), store=store,
            scratch=folder, details=details.pool(github, conversation=True),
        )  # fmt: skip
        return (await collect_all(sources, store, plan(cap), origins(world), AT_ONCE)).sums


def memory(told: argparse.Namespace) -> None:
    """Print how memory grows with the pull requests of one repository."""
    peaks = {}
    for pulls in (told.pulls // 10, told.pulls):
        with tempfile.TemporaryDirectory(dir=told.scratch) as folder:
            peaks[pulls] = peak_mib(Path(folder), pulls)
        print(f"{pulls:>9,} pull requests   {peaks[pulls]:,.0f} MiB at the peak")
    growth = peaks[told.pulls] - peaks[told.pulls // 10]
    print(
        f"growth                    {growth:,.0f} MiB (bound {GOAL_MIB}: {met(growth <= GOAL_MIB)})"
    )


def peak_mib(folder: Path, pulls: int) -> float:
    """Collect one repository of so many `pulls` in a process of its own; return its peak."""

    async def served() -> float:
        world = World(7, [RepositorySpec("acme/monorepo", pulls=pulls)])
        hub = FakeGitHub(world, latency=NO_LATENCY, limits=HubLimits(enforced=False), lean=True)
        node_id = next(iter(world)).node_id
        async with hub.serve() as url:
            argv = [sys.executable, __file__, "alone", "--url", url, "--scratch", str(folder)]
            process = await asyncio.create_subprocess_exec(*argv, "--node-id", node_id, stdout=PIPE)
            told, _ = await process.communicate()
        if process.returncode:
            raise SystemExit(process.returncode)
        return float(told)

    return asyncio.run(served())


def alone(told: argparse.Namespace) -> None:
    """Collect the one repository behind `--url`; print the peak of memory in MiB."""

    async def run() -> None:
        server = endpoint({"GITHUB_API_URL": told.url})
        async with GitHub(server, tokens({"GITHUB_TOKEN": "ghp_simulated_day"})) as github:
            folder = Path(told.scratch)
            store = Store(Dataset(LocalFolder(folder / "data")), "bench", 5)
            sources = Sources(
                github=github, git=LongChanges(), store=store, scratch=folder,
                details=details.pool(github, conversation=True),
            )  # fmt: skip
            origin = Origin(told.node_id, "acme/monorepo", "MIT")
            outcome = await collect_all(sources, store, plan(0), [origin], 1)
            assert outcome.sums.unaccounted == 0
            assert outcome.sums.listed >= outcome.sums.total > 0

    asyncio.run(run())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


class LongChanges(MadeUpGit):
    """Changes of 8 KiB each that follow from a head's hash."""

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        """Return made-up changes."""
        return {one.number: self._of(one) for one in wanted}

    def _of(self, one: Listed) -> Changes:
        text = f"// {one.head_sha}\n" * 60
        file = ChangedFile(
            path="main.go", original_path=None, status="modified", additions=60, deletions=0,
            binary=False, patch=text, before="", after=text, truncated=False,
        )  # fmt: skip
        return Changes(number=one.number, merge_base=one.base_sha, commits=(), files=(file,))


COMMANDS = {"day": day, "git": git, "memory": memory, "alone": alone}


def main() -> None:
    """Read the command line and run one measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=list(COMMANDS))
    parser.add_argument("--repositories", type=int)
    parser.add_argument("--pulls", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--slim", action="store_true")
    parser.add_argument("--scratch", default="")
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    parser.add_argument("--node-id", default="", help=argparse.SUPPRESS)
    told = parser.parse_args()
    sizes = {"day": (3000, 500), "git": (5, 400), "memory": (1, 100_000), "alone": (1, 0)}
    told.repositories = told.repositories or sizes[told.what][0]
    told.pulls = told.pulls or sizes[told.what][1]
    with tempfile.TemporaryDirectory(prefix="codekiln-bench-") as scratch:
        told.scratch = told.scratch or scratch
        COMMANDS[told.what](told)


if __name__ == "__main__":
    main()
