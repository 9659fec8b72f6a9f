"""Work that is done in order, in a thread, while the training goes on."""

import collections
import dataclasses
import logging
import threading
import time
from collections.abc import Callable

from codekiln.core.errors import ServiceError

logger = logging.getLogger(__name__)

PATIENCE_S = 900.0
"""How long a store may be away before the run ends; a retried pod goes on from what it has."""
LONGEST_PAUSE_S = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """Something to do."""

    do: Callable[[], None]
    is_large: bool
    """Whether it holds space on the disk until it is done."""


class Background:
    """A queue of jobs for one thread; the first that fails for good ends all."""

    def __init__(self, room: int, patience_s: float = PATIENCE_S) -> None:
        """Let at most `room` large jobs wait when another is to be prepared."""
        self._room, self._patience_s = room, patience_s
        self._jobs: collections.deque[Job] = collections.deque()
        self._changed = threading.Condition()
        self._failure: Exception | None = None
        self._ending = self._abandoned = False
        self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
        self._thread.start()

    def submit(self, do: Callable[[], None], *, is_large: bool) -> None:
        """Do this after what was asked before."""
        with self._changed:
            self._jobs.append(Job(do, is_large))
            self._changed.notify_all()

    def wait_for_room(self) -> None:
        """Wait until fewer than `room` large jobs are left; raises what a job raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure or self._large() < self._room)
            self._raise()

    def finish(self) -> None:
        """Wait until all is done, or abandoned; raises what a job raised."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._abandoned or self._failure or not self._jobs)
            self._raise()

    def abandon(self) -> None:
        """Begin no other job."""
        with self._changed:
            self._ending = self._abandoned = True
            self._jobs.clear()
            self._changed.notify_all()

    def _large(self) -> int:
        return sum(job.is_large for job in self._jobs)

    def _raise(self) -> None:
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        while job := self._next():
            try:
                self._insist(job.do)
            except Exception as error:  # noqa: BLE001 -- raised again, where the run can end of it
                with self._changed:
                    self._failure = error
                    self._jobs.clear()
                    self._changed.notify_all()
                return
            with self._changed:
                if self._jobs:
                    self._jobs.popleft()
                self._changed.notify_all()

    def _next(self) -> Job | None:
        """Return the first job, which stays in the queue until it is done; None: there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._ending)
            return self._jobs[0] if self._jobs else None

    def _insist(self, do: Callable[[], None]) -> None:
        """Do it, again and again while what it needs is away."""
        deadline, pause = time.monotonic() + self._patience_s, 1.0
        while True:
            try:
                return do()
            except ServiceError as error:
                if self._abandoned or time.monotonic() + pause > deadline:
                    raise
                logger.warning("%s (trying again in %g s)", error, pause)
                with self._changed:
                    self._changed.wait_for(lambda: self._abandoned, timeout=pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
