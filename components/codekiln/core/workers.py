"""Work on as many processes as there are cores: they end with this one, and leave Ctrl-C to it.

    with workers(4, report) as pool:
        for answer in pool.each(do, jobs): ...

`do` is a function of a module; it and its jobs are sent to the processes. While it is at work it
may call `count`, which adds to what `report` is told.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from codekiln.core.errors import ServiceError
from codekiln.core.progress import Report

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

Job = TypeVar("Job")
Answer = TypeVar("Answer")

POLL_S = 0.2
"""How often the report is told of work that is not finished."""


def count(more: int) -> None:
    """Say, in a job, that so much more is done."""
    _Work.counted(more)


class Workers:
    """Processes that stay for several rounds of work; one worker is this process itself."""

    def __init__(
        self, pool: ProcessPoolExecutor | None, many: int, tell: Callable[[], None]
    ) -> None:
        self._pool, self._many, self._tell = pool, many, tell

    def each(self, do: Callable[[Job], Answer], jobs: Iterable[Job]) -> Iterator[Answer]:
        """Yield what `do` answers to each of `jobs`, in their order."""
        if self._pool is None:
            yield from map(do, jobs)
            return
        todo = iter(jobs)
        # Only a few wait at a time: an answer that nobody takes yet is held in memory.
        line = deque(self._pool.submit(do, job) for job in islice(todo, 2 * self._many))
        while line:
            while not wait([line[0]], POLL_S).done:
                self._tell()
            line.extend(self._pool.submit(do, job) for job in islice(todo, 1))
            yield line.popleft().result()

    def ready(self, do: Callable[[Job], Answer], jobs: Iterable[Job]) -> Iterator[Answer]:
        """Yield what `do` answers to each of `jobs`, each as soon as it is there."""
        if self._pool is None:
            yield from map(do, jobs)
            return
        todo = iter(jobs)
        pending = {self._pool.submit(do, job) for job in islice(todo, 2 * self._many)}
        while pending:
            done, pending = wait(pending, POLL_S, FIRST_COMPLETED)
            self._tell()
            pending |= {self._pool.submit(do, job) for job in islice(todo, len(done))}
            yield from (future.result() for future in done)


@contextmanager
def workers(
    many: int, report: Report | None = None, preload: Sequence[str] = ()
) -> Iterator[Workers]:
    """Give so many processes to work with; one is none but this. They load `preload` once.

    `report` is told the sum of what jobs counted. Raises ServiceError where a process was killed.
    """
    if many <= 1:
        with _here(report):
            yield Workers(None, 1, lambda: None)
        return
    # A fork server is a process without threads, so what it forks can hold no lock of ours.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
    total: Synchronized[int] = context.Value("q", 0)

    def tell() -> None:
        if report:
            report(total.value, "")

    pool = ProcessPoolExecutor(many, context, initializer=_begin, initargs=(total,))
    try:
        yield Workers(pool, many, tell)
        tell()
    except KeyboardInterrupt:
        # One that was being started just then is told of no end by the pool, which waits for it.
        for process in multiprocessing.active_children():
            process.kill()
        raise
    except BrokenProcessPool as error:
        raise ServiceError(
            f"one of {many} processes was killed, most likely for want of memory: give more, or "
            "fewer workers, and run this again"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Work:
    """What a process that does jobs holds: whom it tells of what is done."""

    counted: Callable[[int], None] = staticmethod(lambda _more: None)


@contextmanager
def _here(report: Report | None) -> Iterator[None]:
    """Let `count` reach `report` from this very process."""
    done = 0

    def counted(more: int) -> None:
        nonlocal done
        done += more
        if report:
            report(done, "")

    before, _Work.counted = _Work.counted, counted
    try:
        yield
    finally:
        _Work.counted = before


def _begin(total: "Synchronized[int]") -> None:
    """Set up a worker process: it ends with its parent and leaves Ctrl-C to it."""

    def counted(more: int) -> None:
        with total.get_lock():
            total.value += more

    _Work.counted = counted
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the process that gives the jobs is gone, by whatever death, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
