"""Container entry: `python -m codekiln.discover_repos --data FOLDER --found DIR`."""

import asyncio
import logging
import os
from datetime import UTC, datetime

from codekiln.core import program, progress
from codekiln.core.corpus import repositories
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import InputError
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import endpoint
from codekiln.core.program import Done
from codekiln.core.storage.objects import open_store
from codekiln.discover_repos import names
from codekiln.discover_repos.discovery import Discovery
from codekiln.discover_repos.settings import Settings

logger = logging.getLogger(__name__)


def discover_repos(settings: Settings) -> Done:
    """Ask GitHub, write the list."""
    as_of = repositories.moment(settings.as_of, datetime.now(UTC))
    if repositories.is_macro(settings.as_of):
        logger.warning(
            "as_of is %s: this Kubeflow does not put times in the place of macros; working as of "
            "now, %s", settings.as_of, as_of.isoformat(),
        )  # fmt: skip
    github = GitHub(endpoint(os.environ), tokens(os.environ))
    dataset = Dataset(open_store(settings.data))
    with progress.track("repositories", wanted(settings), "repositories") as report:
        discovery = Discovery(
            settings, github, dataset, as_of, lambda kept: report(kept, github.outlook())
        )
        found = asyncio.run(asked(discovery))
    if not found:
        raise InputError(f"no repository is left: {program.in_words(discovery.counts)}; ask wider")
    repositories.write(settings.found, found, as_of)
    tell(found)
    return Done(
        counts={"repositories": len(found), **discovery.counts},
        metrics={"repositories": len(found), "calls": sum(github.usage.calls.values())},
    )


def wanted(settings: Settings) -> int:
    """Return how many repositories there will be at most; raises InputError for a wrong list."""
    told = settings.repositories.strip()
    return len(names.read(told).names) if told else settings.max_repositories


async def asked(discovery: Discovery) -> list[Repository]:
    """Ask GitHub, while its connections are open."""
    async with discovery.github:
        return await discovery.found()


def tell(found: list[Repository]) -> None:
    """Say in one line what was found."""
    licenses = ", ".join(f"{count} {name}" for name, count in repositories.totals(found).items())
    logger.info(
        "%d repositories, %d to %d stars: %s",
        len(found), min(one.stars for one in found), max(one.stars for one in found), licenses,
    )  # fmt: skip


if __name__ == "__main__":
    program.run(discover_repos, Settings)
