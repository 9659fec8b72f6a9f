"""Mining a whole history: one range after another, on as many processes as there are cores."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from codekiln.core.corpus import shards
from codekiln.core.git import graph
from codekiln.core.git.repository import Repository
from codekiln.core.progress import Report
from codekiln.mine_commits.limits import Limits
from codekiln.mine_commits.ranges import Count, Job, ranges, wanted

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

POLL_S = 0.2


def mine(
    repository: Repository, history: graph.Graph, folder: Path, limits: Limits, workers: int,
    report: Report,
) -> Counter[str]:  # fmt: skip
    """Write the records of every commit of `history` into `folder`; return what was counted.

    The bytes written depend on the history and the limits, not on `workers`.
    """
    clear(folder)
    cut = ranges(history, repository.refs, limits)
    jobs = (Job(repository.git, one, folder, limits) for one in cut)
    workers = min(workers, -(-wanted(history, limits) // limits.range_commits))
    tallies = in_processes(jobs, workers, report) if workers > 1 else in_turn(jobs, report)
    return sum(tallies, Counter())


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*folder.glob(shards.PATTERN), *folder.glob(shards.PATTERN + ".part")):
        path.unlink()


def in_turn(jobs: Iterable[Job], report: Report) -> Iterator[Counter[str]]:
    """Do `jobs` here, one after the other."""
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        report(done, "")

    for job in jobs:
        yield mine_range(job, count)


def mine_range(job: Job, count: Count) -> Counter[str]:
    """Do one job; only who does jobs loads Arrow, not who gives them to others."""
    from codekiln.mine_commits import mining

    return mining.mine_range(job, count)


def in_processes(jobs: Iterator[Job], workers: int, report: Report) -> Iterator[Counter[str]]:
    """Do `jobs` in so many processes; only a few wait at a time."""
    # A fork server is a process without threads, so what it forks can hold no lock of ours.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "codekiln.mine_commits.mining"])
    total: Synchronized[int] = context.Value("q", 0)
    pool = ProcessPoolExecutor(workers, context, initializer=begin, initargs=(total,))
    try:
        pending = {pool.submit(perform, job) for job in islice(jobs, 2 * workers)}
        while pending:
            done, pending = wait(pending, POLL_S, FIRST_COMPLETED)
            report(total.value, "")
            pending |= {pool.submit(perform, job) for job in islice(jobs, len(done))}
            yield from results(done)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def results(done: Iterable["Future[Counter[str]]"]) -> Iterator[Counter[str]]:
    """Return what finished jobs counted, or raise what one raised."""
    return (future.result() for future in done)


class Worker:
    """What a worker process holds: the counter it shares with the others."""

    total: "Synchronized[int]"


def begin(total: "Synchronized[int]") -> None:
    """Set up a worker process: it ends with its parent and leaves Ctrl-C to it."""
    Worker.total = total
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait until the process that gives the jobs is gone, by whatever death, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def perform(job: Job) -> Counter[str]:
    """Do one job in a worker process."""

    def count(more: int) -> None:
        with Worker.total.get_lock():
            Worker.total.value += more

    return mine_range(job, count)
