"""Container entry: `python -m codekiln.collect_pulls --repositories DIR --data URI ...`."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from codekiln.collect_pulls import details
from codekiln.collect_pulls.filters import Rules
from codekiln.collect_pulls.git_source import GitSource
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.run import Outcome, collect_all
from codekiln.collect_pulls.settings import Settings
from codekiln.collect_pulls.sources import Plan, Sources
from codekiln.collect_pulls.store import Store
from codekiln.core import cores, program
from codekiln.core.corpus import repositories
from codekiln.core.datasets import held, reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import endpoint
from codekiln.core.github.usage import Usage
from codekiln.core.program import Done
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import open_store


def collect_pulls(settings: Settings) -> Done:
    """Collect this shard's repositories; leave which version of the data set holds them."""
    store = open_store(settings.data)
    with (
        held.writer(store, f"shard-{settings.shard}-of-{settings.shards}"),
        run_folder("codekiln-collect-") as scratch,
    ):
        outcome, usage = asyncio.run(run(settings, Dataset(store), scratch, os.environ))
    reference.write(settings.collected, settings.data, outcome.version, told(settings, outcome))
    return Done(
        counts=counts(outcome),
        metrics=metrics(outcome, usage),
        sources={"data": outcome.version.digest},
    )


async def run(
    settings: Settings, dataset: Dataset, scratch: Path, environ: Mapping[str, str]
) -> tuple[Outcome, Usage]:
    """Collect with the GitHub and the credentials that `environ` names."""
    server, who = endpoint(environ), tokens(environ)
    async with (
        GitHub(server, who, share=settings.shards) as github,
        aclosing(details.pool(github, conversation=settings.conversation)) as pool,
    ):
        store = Store(dataset, settings.run or "collect_pulls", settings.commit_seconds)
        git = GitSource(github, scratch, settings.git_processes or cores.usable(), limits(settings))
        sources = Sources(github=github, git=git, store=store, scratch=scratch, details=pool)
        wanted, at_once = origins(settings), settings.repositories_at_once
        outcome = await collect_all(sources, store, plan(settings), wanted, at_once)
        return outcome, github.usage


def limits(settings: Settings) -> Limits:
    """Return the bounds of what git tells: what passes the filters is fetched whole."""
    usual = Limits()
    return replace(usual, files=max(usual.files, settings.max_files))


def origins(settings: Settings) -> Sequence[Origin]:
    """Return the repositories of this shard, most stars first."""
    every = repositories.read(settings.repositories)
    mine = repositories.of_shard(every, settings.shard, settings.shards)
    return [Origin(one.node_id, one.name, one.license) for one in mine]


def plan(settings: Settings) -> Plan:
    """Return what `settings` want of each repository."""
    rules = Rules(**{name: getattr(settings, name) for name in Rules.__dataclass_fields__})
    return Plan(
        rules=rules,
        as_of=repositories.as_of(settings.repositories),
        cap=settings.max_pulls,
        overlap=timedelta(hours=settings.overlap_hours),
    )


def told(settings: Settings, outcome: Outcome) -> Mapping[str, object]:
    """Return what the output tells people: which part this is, and the sums of its ledger."""
    return {
        "shard": settings.shard,
        "shards": settings.shards,
        "ledger": outcome.sums.to_json(),
        "repositories": dict(sorted(outcome.repositories.items())),
    }


def counts(outcome: Outcome) -> dict[str, int]:
    """Return the ledger as counts, each reason by itself."""
    sums = outcome.sums
    told = {"pull_requests": sums.total, "collected": sums.collected}
    told |= {f"filtered_{key}".replace(" ", "_"): n for key, n in sums.filtered.items()}
    told |= {f"failed_{key}".replace(" ", "_"): n for key, n in sums.failed.items()}
    told |= {"beyond_the_cap": sums.beyond, "unaccounted": sums.unaccounted}
    return told | dict(sorted(outcome.repositories.items()))


def metrics(outcome: Outcome, usage: Usage) -> dict[str, float]:
    """Return the figures for the run page."""
    sums = outcome.sums
    return {
        "pull_requests": sums.total,
        "collected": sums.collected,
        "filtered": sum(sums.filtered.values()),
        "failed": sum(sums.failed.values()),
        "beyond_the_cap": sums.beyond,
        "unaccounted": sums.unaccounted,
        "calls": usage.total,
        "graphql_points": usage.points,
        "retries": usage.retries.total(),
        "waited_seconds": round(sum(usage.waited_s().values()), 1),
    }


if __name__ == "__main__":
    program.run(collect_pulls, Settings)
