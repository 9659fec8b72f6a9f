"""`codekiln run`: from flags to a finished run, a report, and a word on where it is."""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from codekiln.core import flags, settings
from codekiln.core.errors import InputError
from codekiln.core.git.repository import refuse_password
from codekiln_pipelines import local, packages, recipes, runs
from codekiln_pipelines.console import RunConsole
from codekiln_pipelines.runs import Run

NEWEST = "newest"
KEPT = ("report.html", "MANIFEST_DYNAMIC.json")
"""What of the report a person looks for at the top of the run."""


def run_pipeline(pipeline: str, argv: Sequence[str], base: Path, now: datetime) -> int:
    """Run `pipeline` as `argv` says, new folders under `base`; returns 0.

    Raises CodekilnError, with the exit code of the first step that failed.
    """
    with tempfile.TemporaryDirectory(prefix="codekiln-") as scratch:
        package = Path(scratch) / local.PACKAGE
        packages.compile_into(pipeline, package)
        told = flags.parse(parser_for(pipeline, packages.read(package), base), argv)
        asked = arguments(packages.read(package), pipeline, told)
        refuse_password(asked.get("repository", ""))
        run = open_run(pipeline, told, asked, now)
        return carry_out(run, package, RunConsole(verbose=told["verbose"]))


def carry_out(run: Run, package: Path, console: RunConsole) -> int:
    """Execute `package` as `run` while holding its lock; say where its report is in any case."""
    with runs.locked(run) as lock:
        runs.record(run)
        shutil.copyfile(package, run.folder / local.PACKAGE)
        console.begin(run.pipeline, run.folder, dict(run.parameters))
        try:
            local.execute(run, console, lock)
        except (local.StepFailedError, KeyboardInterrupt):
            console.say(f"  to go on: codekiln run {run.pipeline} --resume {run.folder}")
            raise
        finally:
            publish(run, console)
    return 0


def publish(run: Run, console: RunConsole) -> None:
    """Copy the report to the top of the run, and say where it is."""
    for name in KEPT:
        for made in sorted(run.steps.glob(f"report/report/{name}")):
            shutil.copyfile(made, run.folder / name)
            console.say(f"  {name:<22} {run.folder / name}")


def open_run(pipeline: str, told: dict[str, Any], asked: dict[str, str], now: datetime) -> Run:
    """Make a new run, or open the one to resume with what was asked now laid on it."""
    if told["resume"] is None:
        return runs.create(told["runs"].resolve(), pipeline, asked, now)
    if told["resume"] == NEWEST:
        earlier = runs.latest(told["runs"], pipeline, asked.get("repository"))
    else:
        earlier = runs.load(Path(told["resume"]))
    if earlier.pipeline != pipeline:
        raise InputError(f"{earlier.folder} is a run of {earlier.pipeline}, not of {pipeline}")
    parameters = recipes.over(earlier.parameters, asked)
    return Run(folder=earlier.folder, pipeline=pipeline, parameters=parameters)


def arguments(package: dict[str, Any], pipeline: str, told: dict[str, Any]) -> dict[str, str]:
    """Lay the user's file on the recipe, flags on both, and check the whole."""
    known = packages.parameters_of(package)
    given = {name: told[name] for name in known if name in told and name != recipes.CONFIG}
    resumed = told["resume"] is not None
    recipe = told["recipe"] or (None if resumed else "laptop")
    under = recipes.load(pipeline, recipe) if recipe else {}
    document = recipes.merge(under, settings.document(told["config"]))
    given = {name: absolute(value) for name, value in given.items()}
    return recipes.arguments(package, recipes.merge(document, given), partial=resumed)


def absolute(value: str) -> str:
    """Make a path that is there absolute, for a run resumed from elsewhere; all else stays."""
    path = Path(value).expanduser()
    return str(path.resolve()) if value and path.exists() else value


def parser_for(pipeline: str, package: dict[str, Any], base: Path) -> flags.Parser:
    """Build the parser of one pipeline: a flag for each of its parameters, and those of a run."""
    parser = flags.Parser(
        prog=f"codekiln run {pipeline}",
        description=package["pipelineInfo"].get("description"),
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for name, told in packages.parameters_of(package).items():
        if name != recipes.CONFIG:
            choices = "|".join(told.get("literals", [])) or "TEXT"
            parser.add_argument(
                flags.flag(name), dest=name, metavar=choices, help=told.get("description")
            )
    _add_run_flags(parser, pipeline, base)
    return parser


def _add_run_flags(parser: flags.Parser, pipeline: str, base: Path) -> None:
    known = "|".join(recipes.names(pipeline))
    parser.add_argument("--recipe", default=None, metavar=known, help="default: laptop")
    parser.add_argument("--config", default="", metavar="FILE", help="YAML laid over the recipe")
    parser.add_argument(
        "--resume",
        nargs="?",
        const=NEWEST,
        default=None,
        metavar="RUN",
        help="go on with a run (default: the newest of this repository); what is done is kept",
    )
    parser.add_argument("--runs", type=Path, default=base, metavar="DIR", help="folder of all runs")
    parser.add_argument(
        "--verbose", action="store_true", default=False, help="show what the steps say"
    )
