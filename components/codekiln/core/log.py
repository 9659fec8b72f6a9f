"""What a run says while it runs: one line an event, with its time, on standard error."""

import logging
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from codekiln.core.settings import Section, read_section


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
    )
