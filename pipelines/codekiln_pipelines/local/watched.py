"""The steps that work in threads, where Ctrl-C is not heard: who asks them to stop.

Python hands a signal to its main thread alone. What works there stops itself (see steps.py); the
turns of a loop, which kfp.local runs in threads of its own, are asked from here.
"""

import contextlib
import threading
from collections.abc import Iterator

from codekiln_pipelines.local import steps
from codekiln_pipelines.local.step import Step, Work, Worker


class Watched:
    """A worker that knows what it has at work in threads other than the main one."""

    def __init__(self, worker: Worker) -> None:
        """Let `worker` do the work."""
        self.worker = worker
        self.is_stopping = False
        self._at_work: set[Work] = set()
        self._lock = threading.RLock()

    @contextlib.contextmanager
    def work(self, step: Step) -> Iterator[Work]:
        """Start `step`; raises NotStartedError."""
        with self.worker.work(step) as work, self._entered(work):
            yield work

    @contextlib.contextmanager
    def _entered(self, work: Work) -> Iterator[None]:
        if threading.current_thread() is threading.main_thread():
            yield
            return
        with self._lock:
            self._at_work.add(work)
            late = self.is_stopping
        if late:
            _ask(work)
        try:
            yield
        finally:
            with self._lock:
                self._at_work.discard(work)

    def stop(self) -> None:
        """Ask all that works to save and go; whoever asks twice does not wait for it."""
        with self._lock:
            again, self.is_stopping = self.is_stopping, True
            at_work = list(self._at_work)
        for work in at_work:
            if again:
                work.kill()
            else:
                # An engine takes its time to pass a signal on.
                threading.Thread(target=_ask, args=[work], daemon=True).start()


def _ask(work: Work) -> None:
    """Ask `work` to stop, and end it if it has not gone after the time that it has for that."""
    work.ask_to_stop()
    timer = threading.Timer(steps.GRACE_S, _kill, args=[work])
    timer.daemon = True
    timer.start()


def _kill(work: Work) -> None:
    if work.process.returncode is None:
        work.kill()
