"""Container entry: `python -m codekiln.mine_commits --repository PATH_OR_URL --commits DIR`."""

import logging
from collections import Counter

from codekiln.core import cores, program
from codekiln.core.git import graph
from codekiln.core.git.caps import Caps
from codekiln.core.git.repository import Repository, opened
from codekiln.core.program import Done
from codekiln.core.progress import track
from codekiln.mine_commits import miner
from codekiln.mine_commits.limits import Limits
from codekiln.mine_commits.ranges import wanted
from codekiln.mine_commits.settings import Settings

logger = logging.getLogger(__name__)


def mine_commits(settings: Settings) -> Done:
    """Open the repository, read its graph, write a record for each commit."""
    limits = limits_of(settings)
    with opened(settings.repository) as repository:
        history = graph.read(repository)
        total = wanted(history, limits)
        with track("mine commits", total, "commits") as report:
            counted = miner.mine(
                repository, history, settings.commits, limits, settings.workers or cores.usable(),
                report,
            )  # fmt: skip
        sources = {"repository": repository.digest}
    warn(repository, counted)
    return Done(counts=dict(sorted(counted.items())), metrics=metrics(counted), sources=sources)


def limits_of(settings: Settings) -> Limits:
    """Return `settings` as the limits of the miner, in bytes."""
    caps = Caps(
        file_bytes=settings.max_file_diff_kib << 10,
        commit_bytes=settings.max_commit_diff_kib << 10,
        files=settings.max_files,
    )
    return Limits(
        caps=caps,
        message_bytes=settings.max_message_kib << 10,
        largest_file_bytes=settings.max_diffed_file_mib << 20,
        branches=settings.max_branches,
        range_commits=settings.range_commits,
        newest=settings.newest,
    )


def metrics(counted: Counter[str]) -> dict[str, float]:
    """Return the figures for the run page."""
    names = ("commits", "merges", "files_changed", "insertions", "deletions", "diffs_unreadable")
    return {name: counted[name] for name in names}


def warn(repository: Repository, counted: Counter[str]) -> None:
    """Say what a repository did not have."""
    if counted["diffs_unreadable"]:
        logger.warning(
            "%d commits have no diff: objects are missing from %s",
            counted["diffs_unreadable"], repository.name,
        )  # fmt: skip
    if counted["diffs_boundary"]:
        logger.warning(
            "%d commits have no diff: the history of %s is cut there (a shallow clone?)",
            counted["diffs_boundary"], repository.name,
        )  # fmt: skip
    if repository.broken_refs:
        logger.warning("%d refs lead to no commit", repository.broken_refs)


if __name__ == "__main__":
    program.run(mine_commits, Settings)
