"""The program behind `codekiln data`: its flags, and what each of its actions does."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from codekiln.core import flags
from codekiln.core.datasets import comparison, forgotten, page, summary
from codekiln.core.datasets import export as exporting
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import InputError
from codekiln.core.program import answer
from codekiln.core.storage.objects import open_store

Action = Callable[[Dataset, argparse.Namespace], None]

RUN = "codekiln data"
"""What versions that are made here say of their run."""
SHOWN = 20
KEPT = 20
GRACE_HOURS = 24.0
MOST_GRACE_HOURS = 100 * 365 * 24


def main(argv: Sequence[str] | None = None) -> None:
    """Run as a program; exits with 0, or the code of what failed."""
    answer(lambda: do(parser().parse_args(argv)))


def do(told: argparse.Namespace) -> None:
    """Do the action that `told` names."""
    action: Action = told.action
    action(Dataset(open_store(told.uri)), told)


def parser() -> flags.Parser:
    """Return the parser of all actions."""
    made = flags.Parser(
        prog="codekiln data",
        description="Look into a versioned data set (a folder, or s3://BUCKET/PREFIX), export, "
        "restore or prune it. A VERSION is a number, a name, or newest.",
        allow_abbrev=False,
    )
    actions = made.add_subparsers(metavar="ACTION", required=True)
    _add_reading(actions)
    _add_writing(actions)
    return made


def _add_reading(actions: "argparse._SubParsersAction[flags.Parser]") -> None:
    known = _action(actions, "list", "the versions that are left, the newest first", listed)
    known.add_argument("--all", action="store_true", help=f"all of them (default: {SHOWN})")
    shown = _action(actions, "show", "what a version holds: counts by repository", show)
    shown.add_argument("--all", action="store_true", help="every repository")
    _add_version(shown)
    _add_repositories(shown)
    compared = _action(actions, "diff", "what lies between two versions", diff)
    compared.add_argument("older", metavar="OLDER", help="version")
    compared.add_argument("newer", metavar="NEWER", help="version")
    compared.add_argument("--all", action="store_true", help="every repository and number")
    exported = _action(actions, "export", "rows as JSON Lines", export)
    exported.add_argument("--table", metavar="NAME", help="one table only: pulls, ledger ...")
    exported.add_argument(
        "--output",
        metavar="PATH",
        default="-",
        help="a folder, which gets a file for each table; with --table a file (default: standard "
        "output, of one table)",
    )
    exported.add_argument(
        "--overwrite", action="store_true", help="write over files that are there already"
    )
    _add_version(exported)
    _add_repositories(exported)


def _add_writing(actions: "argparse._SubParsersAction[flags.Parser]") -> None:
    restored = _action(actions, "restore", "make a new version that equals an older one", restore)
    restored.add_argument("version", metavar="VERSION")
    restored.add_argument("--name", default="", help="name of the new version")
    restored.add_argument("--note", default="", metavar="TEXT", help="what the list tells of it")
    named = _action(actions, "name", "give a version a name, which keeps it from pruning", name)
    named.add_argument("version", metavar="VERSION")
    named.add_argument("name", metavar="NAME")
    unnamed = _action(actions, "unname", "take a name away; the version may be pruned", unname)
    unnamed.add_argument("name", metavar="NAME")
    pruned = _action(actions, "prune", "remove old versions and what only they need", prune)
    pruned.add_argument(
        "--keep",
        type=int,
        default=KEPT,
        metavar="N",
        help=f"newest versions kept (default: {KEPT})",
    )
    pruned.add_argument(
        "--grace-hours",
        type=float,
        default=GRACE_HOURS,
        metavar="H",
        help="what no version needs, such as what a stopped run left, goes when it was seen so for "
        f"this long (default: {GRACE_HOURS:g})",
    )


def _action(
    actions: "argparse._SubParsersAction[flags.Parser]", name: str, help_: str, do: Action
) -> flags.Parser:
    told = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
    told.add_argument("uri", metavar="URI", help="the data set: a folder, or s3://BUCKET/PREFIX")
    if do is not export:
        told.add_argument("--json", action="store_true", help="one JSON document, for machines")
    told.set_defaults(action=do)
    return told


def _add_version(told: flags.Parser) -> None:
    told.add_argument("--version", default="newest", help="(default: newest)")


def _add_repositories(told: flags.Parser) -> None:
    told.add_argument(
        "--repository",
        action="append",
        metavar="OWNER/NAME",
        help="this one only; may be given more than once",
    )


def listed(dataset: Dataset, told: argparse.Namespace) -> None:
    """Tell the versions: the newest, and those with a name."""
    dataset.newest()
    names, numbers = page.by_number(dataset.names()), dataset.numbers()
    wanted = set(numbers if told.all or told.json else numbers[-SHOWN:]) | {*names}
    found = list(dataset.versions(wanted))
    page.tell(page.versions, (found, names, len(numbers) - len(found)), as_json=told.json)


def show(dataset: Dataset, told: argparse.Namespace) -> None:
    """Tell what a version holds."""
    version = dataset.version(told.version)
    found = summary.holdings(dataset, version, _keys(dataset, version, told.repository))
    names = page.by_number(dataset.names()).get(version.number, [])
    limit = None if told.all or told.json else SHOWN
    page.tell(page.holdings, (version, names, found, limit), as_json=told.json)


def diff(dataset: Dataset, told: argparse.Namespace) -> None:
    """Tell what lies between two versions."""
    older, newer = dataset.version(told.older), dataset.version(told.newer)
    found = list(comparison.differences(dataset, older, newer))
    limit = None if told.all or told.json else SHOWN
    page.tell(page.differences, (older, newer, found, limit), as_json=told.json)


def export(dataset: Dataset, told: argparse.Namespace) -> None:
    """Write rows as JSON Lines, as they come."""
    version = dataset.version(told.version)
    keys = _keys(dataset, version, told.repository)
    there = exporting.tables_in(dataset, version, keys)
    tables = [told.table] if told.table else there
    if told.table and told.table not in there:
        raise InputError(f"version {version.number} has no table {told.table}: {', '.join(there)}")
    if told.output == "-" and len(tables) > 1:
        raise InputError(f"choose a --table of {', '.join(tables)}, or give --output a folder")
    paths = _files(told.output, tables, is_folder=not told.table, overwrite=told.overwrite)
    for table, path in paths.items():
        rows = exporting.lines(dataset, version, table, keys)
        with _stdout() if told.output == "-" else exporting.file(path) as file:
            file.writelines(rows)


def _files(
    output: str, tables: Sequence[str], *, is_folder: bool, overwrite: bool
) -> dict[str, Path]:
    """Return the file of each table; raises InputError if one is there, or lies elsewhere."""
    for table in tables:
        if is_folder and Path(table).name != table:
            raise InputError(f"{table!r} is no name of a file: give --table, and --output a file")
    paths = {t: Path(output) / f"{t}.jsonl" if is_folder else Path(output) for t in tables}
    there = [] if overwrite or output == "-" else [p for p in paths.values() if p.exists()]
    if there:
        named = ", ".join(map(str, there))
        raise InputError(f"{named} is there already: give another --output, or --overwrite")
    return paths


def _stdout() -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(sys.stdout.buffer)


def restore(dataset: Dataset, told: argparse.Namespace) -> None:
    """Make a new version that equals an older one."""
    before, wanted = dataset.newest(), dataset.version(told.version)
    version = dataset.restore(told.version, run=RUN, note=told.note, name=told.name)
    forgot = len(forgotten.keys(version.state) & wanted.entries.keys())
    page.tell(page.restored, (before, version, told.version, forgot), as_json=told.json)


def name(dataset: Dataset, told: argparse.Namespace) -> None:
    """Give a version a name."""
    version = dataset.version(told.version)
    dataset.name(version, told.name)
    page.tell(page.named, (version.number, told.name), as_json=told.json)


def unname(dataset: Dataset, told: argparse.Namespace) -> None:
    """Take a name away."""
    number = dataset.version(told.name).number
    dataset.unname(told.name)
    page.tell(page.unnamed, (number, told.name), as_json=told.json)


def prune(dataset: Dataset, told: argparse.Namespace) -> None:
    """Remove old versions."""
    if not 0 <= told.grace_hours <= MOST_GRACE_HOURS:
        raise InputError(
            f"grace-hours is {told.grace_hours:g}; give hours from 0 to {MOST_GRACE_HOURS:,}"
        )
    dataset.newest()
    done = dataset.prune(told.keep, timedelta(hours=told.grace_hours))
    page.tell(page.pruned, (done,), as_json=told.json)


def _keys(dataset: Dataset, version: Version, names: list[str] | None) -> list[str] | None:
    """Return the keys of repositories by name, None for all; InputError if one is not there."""
    if names is None:
        return None
    found = {told: summary.keys_of(dataset, version, told) for told in names}
    for told, keys in found.items():
        if not keys:
            raise InputError(f"version {version.number} of {dataset.uri} holds no {told}")
    return sorted({key for keys in found.values() for key in keys})
