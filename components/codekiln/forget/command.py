"""The program behind `codekiln forget`: its flags, and what is done in which order."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from codekiln.core import flags
from codekiln.core.program import answer
from codekiln.forget import identity, lineage, page, removal
from codekiln.forget import places as all_places
from codekiln.forget.forgetting import Way, forget


def main(argv: Sequence[str] | None = None) -> None:
    """Run as a program; exits with 0, or the code of what failed."""
    answer(lambda: do(parser().parse_args(argv), datetime.now(UTC)))


def parser() -> flags.Parser:
    """Return the parser of the flags."""
    made = flags.Parser(
        prog="codekiln forget",
        description="Take a repository out of all data and keep it out, and list the versions, "
        "tokens and models that had seen it. Older versions keep it until --erase.",
        allow_abbrev=False,
    )
    made.add_argument(
        "repository", metavar="OWNER/NAME", help="its name, one that it had, or GitHub's node id"
    )
    made.add_argument(
        "--data", required=True, metavar="URI", help="data set of pull requests: a folder, or s3://"
    )
    made.add_argument(
        "--corpus", default="", metavar="URI", help="examples, cleaned ones, tokens: as for `data`"
    )
    made.add_argument(
        "--runs",
        nargs="+",
        action="extend",
        default=[],
        metavar="DIR_OR_URI",
        help="where outputs of runs lie, whose manifests tell what was made from what (default: "
        f"{lineage.RUNS}, if it is there)",
    )
    _add_ways(made)
    return made


def _add_ways(made: flags.Parser) -> None:
    ways = made.add_mutually_exclusive_group()
    ways.add_argument(
        "--erase",
        action="store_true",
        help="remove older versions that hold it, with their names, and sets of tokens, for good",
    )
    ways.add_argument(
        "--again",
        action="store_true",
        help="let it in again: the next run that finds it collects it anew",
    )
    made.add_argument("--dry-run", action="store_true", help="show everything, change nothing")
    made.add_argument("--json", action="store_true", help="one JSON document, for machines")


def do(told: argparse.Namespace, now: datetime) -> None:
    """Do what `told` asks for, and say what came of it."""
    places = all_places.places(told.data, told.corpus)
    runs = lineage.roots(told.runs)
    repository = identity.find(places, told.repository)
    if told.again:
        uris = removal.allow(places, repository, is_dry=told.dry_run)
        document = page.allowed(repository, uris, is_dry=told.dry_run)
    else:
        way = Way(is_dry=told.dry_run, erases=told.erase, when=now.isoformat(timespec="seconds"))
        document = page.findings(forget(repository, places, told.corpus, runs, way))
    page.tell(document, as_json=told.json)
