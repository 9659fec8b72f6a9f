"""What a run says while it runs: one line an event, with its time, on standard error."""

import logging
from collections import deque
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from codekiln.core.settings import Section, read_section

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


class Logging(Section):
    """How much a phase says."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe lines that are shown"
    )


def set_up(config: Mapping[str, object]) -> None:
    """Send log lines to standard error as the section `logging` of `config` says."""
    told = read_section("logging", Logging, config)
    logging.basicConfig(
        level=told.level.upper(),
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
        force=True,
        handlers=[logging.StreamHandler(), Tail()],
    )


def tail() -> list[str]:
    """Return the last lines since set_up."""
    kept = [one.lines for one in logging.getLogger().handlers if isinstance(one, Tail)]
    return [line for lines in kept for line in lines]
