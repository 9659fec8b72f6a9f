"""SIGTERM and Ctrl-C: noticed at once, answered after the step or the batch at work."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import TypeVar

from codekiln.core.errors import CodekilnError, ServiceError

Item = TypeVar("Item")


class CanceledError(CodekilnError):
    """The user pressed Ctrl-C; the run was saved."""

    exit_code = 130


class Interruption:
    """Remembers the first signal; a second Ctrl-C ends the run at once."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, signal.Handlers] = {}

    def __enter__(self) -> "Interruption":
        """Take over both signals (Python lets only the main thread do so)."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._notice)  # type: ignore[assignment]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _notice(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is signal.SIGINT and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)

    def heeded(self, items: Iterable[Item], stop: Callable[[], None]) -> Iterator[Item]:
        """Pass on `items`; call `stop`, which raises, before the next one once a signal came."""
        for item in items:
            if self.signal:
                stop()
            yield item

    def error(self, step: int) -> CodekilnError:
        """Return the error that ends the run, after its checkpoint of `step` was written."""
        if self.signal is signal.SIGINT:
            return CanceledError(
                f"canceled; saved at step {step}: run it again to go on from there"
            )
        return ServiceError(f"told to stop; saved at step {step}: run it again to go on from there")
