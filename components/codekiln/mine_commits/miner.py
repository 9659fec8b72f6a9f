"""Mining a whole history: one range after another, on as many processes as there are cores."""

from collections import Counter
from pathlib import Path

from codekiln.core.corpus import shards
from codekiln.core.git import graph
from codekiln.core.git.repository import Repository
from codekiln.core.progress import Report
from codekiln.core.workers import count, workers
from codekiln.mine_commits.limits import Limits
from codekiln.mine_commits.ranges import Job, ranges, wanted

MINING = "codekiln.mine_commits.mining"


def mine(
    repository: Repository, history: graph.Graph, folder: Path, limits: Limits, most: int,
    report: Report,
) -> Counter[str]:  # fmt: skip
    """Write the records of every commit of `history` into `folder`; return what was counted.

    The bytes written depend on the history and the limits, not on `most`, the number of processes.
    """
    clear(folder)
    cut = ranges(history, repository.refs, limits)
    jobs = (Job(repository.git, one, folder, limits) for one in cut)
    most = min(most, -(-wanted(history, limits) // limits.range_commits))
    with workers(most, report, preload=[MINING]) as pool:
        return sum(pool.ready(mine_range, jobs), Counter())


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*folder.glob(shards.PATTERN), *folder.glob(shards.PATTERN + ".part")):
        path.unlink()


def mine_range(job: Job) -> Counter[str]:
    """Do one job; only who does jobs loads Arrow, not who gives them to others."""
    from codekiln.mine_commits import mining

    return mining.mine_range(job, count)
