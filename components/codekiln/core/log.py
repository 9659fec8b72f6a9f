"""What a run says while it runs: one line an event, with its time, on standard error."""

import logging
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Literal

from pydantic import Field

from codekiln.core.errors import printable
from codekiln.core.settings import Section, read_section

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

TAIL = 40
"""Lines that a failed step shows of its log."""


class Tail(logging.Handler):
    """Keeps the last lines, for the record of a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=TAIL)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(self.format(record))


class Lines(logging.Formatter):
    """Makes one line of an event, which tells names and texts of others without their controls."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's name
        """Return the line; what would act on a terminal stands as an escape."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 -- logging's name
        """Return the lines of a traceback, whose last may hold anything."""
        return "\n".join(map(printable, super().formatException(ei).split("\n")))


class Logging(Section):
    """How much a phase says."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe lines that are shown"
    )


def set_up(config: Mapping[str, object]) -> None:
    """Send log lines to standard error as the section `logging` of `config` says."""
    told = read_section("logging", Logging, config)
    handlers = (logging.StreamHandler(), Tail())
    for handler in handlers:
        handler.setFormatter(Lines("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=told.level.upper(), force=True, handlers=handlers)


def tail() -> list[str]:
    """Return the last lines since set_up."""
    kept = [one.lines for one in logging.getLogger().handlers if isinstance(one, Tail)]
    return [line for lines in kept for line in lines]
