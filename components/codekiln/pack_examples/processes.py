"""Jobs on as many processes as there are cores; the bytes written do not depend on their number."""

import functools
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path

from codekiln.core.progress import Report
from codekiln.core.tokens.sentences import Sentences
from codekiln.pack_examples import work
from codekiln.pack_examples.work import Job


def done(jobs: Sequence[Job], workers: int, report: Report) -> Counter[str]:
    """Do all `jobs` and return what they counted together."""
    workers = min(workers, len(jobs))
    tallies = _in_processes(jobs, workers) if workers > 1 else _in_turn(jobs)
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
        report(total["examples"], "")
    return total


def _in_turn(jobs: Sequence[Job]) -> Iterator[Counter[str]]:
    for job in jobs:
        yield from work.do(job, _loaded(job.tokenizer))


def _in_processes(jobs: Sequence[Job], workers: int) -> Iterator[Counter[str]]:
    """Do `jobs` in so many processes; only a few wait at a time."""
    # A fork server is a process without threads, so what it forks can hold no lock of ours.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(workers, context, initializer=_begin)
    todo = iter(jobs)
    try:
        pending = {pool.submit(_perform, job) for job in islice(todo, 2 * workers)}
        while pending:
            ready, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(_perform, job) for job in islice(todo, len(ready))}
            yield from (future.result() for future in ready)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Set up a worker process: it ends with its parent and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the process that gives the jobs is gone, by whatever death, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _perform(job: Job) -> Counter[str]:
    """Do one job in a worker process."""
    total: Counter[str] = Counter()
    for tally in work.do(job, _loaded(job.tokenizer)):
        total.update(tally)
    return total


@functools.lru_cache(1)
def _loaded(tokenizer: Path) -> Sentences:
    return Sentences.load(tokenizer)
