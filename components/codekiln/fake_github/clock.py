"""An event loop whose time is virtual: a day of waiting passes as fast as the work in it is done.

`asyncio.sleep` and every other timer read `loop.time()`; this loop moves that time to the next
timer whenever nothing is ready to run. It does not move while blocking work is pending in a thread
(`asyncio.to_thread`), for that takes real time. Real sockets do not belong here: their peers know
nothing of our time.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


class _Skipping(selectors.DefaultSelector):
    """A selector that, where it should wait `timeout` seconds for nothing, tells the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.threads = 0
        self.skip: Callable[[float], None] = lambda _seconds: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait only for threads; a pause without any is skipped."""
        if self.threads:
            return super().select(None if timeout is None or timeout > 0 else 0)
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self.skip(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time; `start` is the first `time()`, in seconds."""

    def __init__(self, start: float = 0.0) -> None:
        self._skipping = _Skipping()
        self._now = self.started = start
        super().__init__(self._skipping)
        self._skipping.skip = self._advance

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self._now

    def _advance(self, seconds: float) -> None:
        self._now += seconds

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Given], Result],
        *args: *Given,
    ) -> "asyncio.Future[Result]":
        """Run `func` in a thread; time stands still until it is done."""
        self._skipping.threads += 1
        try:
            future = super().run_in_executor(executor, func, *args)
        except BaseException:
            self._skipping.threads -= 1
            raise
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: "asyncio.Future[Any]") -> None:
        self._skipping.threads -= 1

    async def shutdown_default_executor(self, *args: Any, **told: Any) -> None:
        """Join the threads; newer Pythons put a time limit on it, which must not be skipped."""
        self._skipping.threads += 1
        try:
            await super().shutdown_default_executor(*args, **told)
        finally:
            self._skipping.threads -= 1


def run(
    coroutine: Coroutine[Any, Any, Result], *, start: float = 0.0, debug: bool | None = None
) -> Result:
    """Run `coroutine` like `asyncio.run`, in virtual time that begins at `start` seconds."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(start), debug=debug) as runner:
        return runner.run(coroutine)
