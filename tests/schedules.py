"""Recurring runs as a user makes them, for tests of schedules."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from command_line import run
from kubeflow_api import KubeflowApi

from codekiln_pipelines.kubeflow import schedule

UTC_ZONE = ZoneInfo("UTC")
NIGHTLY = ["--cron", "30 2 * * *", "--zone", "UTC"]


def done(verb: str, history: Path, *argv: str, name: str = "nightly") -> int:
    """Do `codekiln schedule VERB NAME history` with the package `history`; return its exit code."""
    given = ["--package", str(history), "--repository", "https://example.com/x.git"]
    return run(schedule.add, ["schedule", verb, name, "history", *given, *argv])


def only(api: KubeflowApi) -> dict[str, Any]:
    """Return the one recurring run that the server has."""
    (found,) = api.recurring.values()
    return found
