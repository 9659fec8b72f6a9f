"""Jobs on as many processes as there are cores; the bytes written do not depend on their number."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING

from codekiln.build_examples import work
from codekiln.build_examples.work import Job
from codekiln.core.progress import Report

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

POLL_S = 0.2

Outcome = tuple[Job, Counter[str]]
"""A job, and what it counted."""


def done(jobs: Sequence[Job], workers: int, report: Report) -> Generator[Outcome, None, None]:
    """Do all `jobs`; yield each when it is finished, in whatever order that is.

    To be closed by who does not take them all: then nothing works on behind it.
    """
    workers = min(workers, len(jobs))
    if workers > 1:
        return _in_processes(iter(jobs), workers, report)
    return _in_turn(jobs, report)


def _in_turn(jobs: Iterable[Job], report: Report) -> Generator[Outcome, None, None]:
    """Do `jobs` here, one after the other."""
    finished = 0

    def count(more: int) -> None:
        nonlocal finished
        finished += more
        report(finished, "")

    for job in jobs:
        yield job, work.do(job, count)


def _in_processes(
    jobs: Iterator[Job], workers: int, report: Report
) -> Generator[Outcome, None, None]:
    """Do `jobs` in so many processes; only a few wait at a time."""
    # A fork server is a process without threads, so what it forks can hold no lock of ours.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    total: Synchronized[int] = context.Value("q", 0)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(total,))
    try:
        pending = {pool.submit(_perform, job) for job in islice(jobs, 2 * workers)}
        while pending:
            ready, pending = wait(pending, POLL_S, FIRST_COMPLETED)
            report(total.value, "")
            pending |= {pool.submit(_perform, job) for job in islice(jobs, len(ready))}
            yield from (future.result() for future in ready)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Worker:
    """What a worker process holds: the counter it shares with the others."""

    total: "Synchronized[int]"


def _begin(total: "Synchronized[int]") -> None:
    """Set up a worker process: it ends with its parent and leaves Ctrl-C to it."""
    _Worker.total = total
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the process that gives the jobs is gone, by whatever death, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _perform(job: Job) -> Outcome:
    """Do one job in a worker process."""

    def count(more: int) -> None:
        with _Worker.total.get_lock():
            _Worker.total.value += more

    return job, work.do(job, count)
