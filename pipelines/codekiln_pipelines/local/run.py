"""`codekiln run`: from flags to a finished run, a report, and a word on where it is."""

import argparse
import dataclasses
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from codekiln.core import flags, settings
from codekiln.core.errors import CodekilnError, InputError
from codekiln.core.git.repository import refuse_password, refuse_path
from codekiln.core.program import of_os_error
from codekiln.core.storage.objects import is_remote, local_path
from codekiln.discover_repos import addresses
from codekiln_pipelines import packages, recipes
from codekiln_pipelines.local import execution, mirror, outcomes, runs, workers
from codekiln_pipelines.local import told as told_of
from codekiln_pipelines.local.console import RunConsole
from codekiln_pipelines.local.mirror import Mirror
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.workers import Means

NEWEST = "newest"
LISTS = ("repositories", "opt_out")
"""Parameters that are names, or the file that lists them."""
WORDS = ("version", "licenses", "language", "as_of")
"""Parameters that are never a path, whatever is called so here."""


def run_pipeline(pipeline: str, argv: Sequence[str], base: Path, now: datetime) -> int:
    """Run `pipeline` as `argv` says, new folders under `base`; returns 0.

    Raises CodekilnError, with the exit code of the first step that failed.
    """
    with tempfile.TemporaryDirectory(prefix="codekiln-") as scratch:
        package = Path(scratch) / execution.PACKAGE
        packages.compile_into(pipeline, package)
        told = flags.parse(parser_for(pipeline, packages.read(package), base), argv)
        asked = arguments(packages.read(package), pipeline, told)
        means = workers.asked(told, packages.read(package))
        # Containers have a git of their own, and this machine need not have one.
        refuse_unfit(asked, is_looked_at=told["resume"] is None and means.engine is None)
        run = open_run(pipeline, told, asked, now)
        if told["artifacts"]:
            run = mirror.begin(told["artifacts"], run, packages.read(package))
        try:
            return carry_out(run, package, means, RunConsole(verbose=told["verbose"]))
        except OSError as error:
            raise of_os_error(error, str(run.folder)) from error


def refuse_unfit(asked: Mapping[str, str], *, is_looked_at: bool) -> None:
    """Raise InputError for a secret among parameters, or a repository that is not there."""
    source = asked.get("repository")
    refuse_password(source or "")
    addresses.refuse_secrets(asked.get("repositories", ""), asked.get(recipes.CONFIG, ""))
    if source is not None and is_looked_at:
        refuse_path(source)


def carry_out(run: Run, package: Path, means: Means, console: RunConsole) -> int:
    """Execute `package` as `run` while holding its lock; say where its report is in any case."""
    with runs.locked(run) as lock, mirror.held(run) as copy:
        runs.record(run)
        shutil.copyfile(package, run.folder / execution.PACKAGE)
        console.begin(run.pipeline, run.folder, dict(run.parameters))
        if means.engine:
            console.say(f"  as containers of {means.engine.program}")
        ready(run, copy, console)
        outcomes.clear(run)
        worker = means.worker(run, packages.read(package), lock)
        try:
            execution.execute(run, console, worker, copy)
        except (execution.StepFailedError, KeyboardInterrupt):
            again = f"codekiln run {run.pipeline} --resume {run.folder}{means.flags}"
            console.say(f"  to go on: {again}")
            raise
        finally:
            publish(run, copy, console)
    return 0


def ready(run: Run, copy: Mirror | None, console: RunConsole) -> None:
    """End what a killed process left of `run`, and fetch what this disk lacks."""
    for line in workers.end_strays(run):
        console.say(f"  {line}")
    if copy:
        console.say(f"  copied to {copy.store.uri}")
        copy.put(runs.ASKED, execution.PACKAGE)
        for task in copy.fetch():
            console.say(f"  fetched {task}")


def publish(run: Run, copy: Mirror | None, console: RunConsole) -> None:
    """Say where the outcomes of the run are, and let its copy have the same."""
    for name in outcomes.KEPT:
        if (run.folder / name).is_file():
            console.say(f"  {name:<22} {run.folder / name}")
    try:
        if copy:
            copy.put(*outcomes.KEPT)
    except CodekilnError as error:
        # How the run itself ended is not hidden by this.
        console.say(f"  the report could not be copied: {error}")


def open_run(pipeline: str, told: dict[str, Any], asked: dict[str, str], now: datetime) -> Run:
    """Make a new run, or open the one to resume with what was asked now laid on it."""
    if told["resume"] is None:
        return runs.create(told["runs"].resolve(), pipeline, asked, now)
    earlier = earlier_run(told["resume"], pipeline, told["runs"], asked)
    if earlier.pipeline != pipeline:
        raise InputError(f"{earlier.folder} is a run of {earlier.pipeline}, not of {pipeline}")
    if told["artifacts"]:
        raise InputError(
            "--artifacts is for a new run: one that is resumed keeps the copy that it began with"
        )
    run = dataclasses.replace(earlier, parameters=recipes.over(earlier.parameters, asked))
    told_of.refuse_nested(run.parameters)
    runs.refuse_links(run.folder)
    run.steps.mkdir(parents=True, exist_ok=True)
    return run


def earlier_run(named: str, pipeline: str, base: Path, asked: Mapping[str, str]) -> Run:
    """Find the run to resume: the newest, that in a folder, or that whose copy is at a URI."""
    if named == NEWEST:
        return runs.latest(base, pipeline, asked.get("repository"))
    if "://" in named:
        return mirror.find(named, base)
    found = runs.load(Path(named))
    if found.artifacts == found.folder.as_uri():
        raise InputError(f"{named} is the copy of a run: give --resume {found.artifacts}")
    return found


def arguments(package: dict[str, Any], pipeline: str, told: dict[str, Any]) -> dict[str, str]:
    """Lay the user's file on the recipe, flags on both, and check the whole."""
    known = packages.parameters_of(package)
    given = {name: told[name] for name in known if name in told and name != recipes.CONFIG}
    resumed = told["resume"] is not None
    recipe = told["recipe"] or (None if resumed else "laptop")
    under = recipes.load(pipeline, recipe) if recipe else {}
    document = recipes.merge(under, settings.document(told["config"]))
    document = recipes.merge(document, given)
    asked = recipes.arguments(package, document, partial=resumed)
    for name in told_of.PLACES:
        if not asked.get(name, "set").strip():
            raise InputError(f"{name} is empty: give a folder, or s3://BUCKET/PREFIX")
    # Of a recipe only what is yet to be made can be a path: its texts are no names of this folder.
    placed = asked | {
        name: absolute(name, value)
        for name, value in asked.items()
        if name in given or name in told_of.PLACES
    }
    told_of.refuse_nested(placed)
    return placed


def absolute(name: str, value: str) -> str:
    """Make a path absolute, for a run resumed from elsewhere; all else stays.

    A text is a path if something is there; but data is kept where nothing may be yet, and
    owner/name is a repository of GitHub's even where a folder is called so.
    """
    if name in WORDS:
        return value
    path = Path(value).expanduser()
    if name in told_of.PLACES:
        return value if is_remote(value) else str(local_path(value).expanduser().resolve())
    is_path = path.is_file() if name in LISTS else path.exists()
    return str(path.resolve()) if value and is_path else value


def parser_for(pipeline: str, package: dict[str, Any], base: Path) -> flags.Parser:
    """Build the parser of one pipeline: a flag for each of its parameters, and those of a run."""
    parser = flags.Parser(
        prog=f"codekiln run {pipeline}",
        description=package["pipelineInfo"].get("description"),
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    recipes.add_flags(parser, package)
    _add_run_flags(parser, pipeline, base)
    return parser


def _add_run_flags(parser: flags.Parser, pipeline: str, base: Path) -> None:
    known = "|".join([*recipes.names(pipeline), recipes.NONE])
    parser.add_argument("--recipe", default=None, metavar=known, help="default: laptop")
    parser.add_argument("--config", default="", metavar="FILE", help="YAML laid over the recipe")
    parser.add_argument(
        "--resume",
        nargs="?",
        const=NEWEST,
        default=None,
        metavar="RUN",
        help="go on with a run, by its folder or the URI of its copy (default: the newest of this "
        "repository); what is done is kept",
    )
    parser.add_argument("--runs", type=Path, default=base, metavar="DIR", help="folder of all runs")
    parser.add_argument(
        "--verbose", action="store_true", default=False, help="show what the steps say"
    )
    parser.add_argument(
        "--artifacts",
        default="",
        metavar="URI",
        help="keep a copy of the run, and its checkpoints, under s3://BUCKET/PREFIX (or "
        "file:///FOLDER); --resume URI/RUN goes on with it on any machine",
    )
    workers.add_flags(parser)
