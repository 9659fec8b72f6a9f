"""The program behind `codekiln peek`: its flags, and which way of showing a path asks for."""

import argparse
from collections.abc import Sequence

from codekiln.core import flags
from codekiln.core.program import answer


def main(argv: Sequence[str] | None = None) -> None:
    """Run as a program; exits with 0, or the code of what failed."""
    answer(lambda: do(parser().parse_args(argv)))


def do(told: argparse.Namespace) -> None:
    """Look at what the path holds, and show it."""
    # Loaded here, so that --help waits for nothing.
    from codekiln.peek import look

    look.at(told)


def parser() -> flags.Parser:
    """Return the parser."""
    made = flags.Parser(
        prog="codekiln peek",
        description="Print what PATH holds: records of any step, a data set, packed tokens, a "
        "tokenizer; a few of them, read from where they lie.",
        allow_abbrev=False,
    )
    made.add_argument("path", metavar="PATH", help="a folder, a file, or s3://BUCKET/PREFIX")
    _add_which(made)
    _add_how(made)
    return made


def _add_which(made: flags.Parser) -> None:
    which = made.add_argument_group("which records")
    which.add_argument(
        "--limit", type=_count, metavar="N", help="so many (default: 3, of tokens 1)"
    )
    which.add_argument(
        "--sample", type=_count, metavar="N", help="so many, drawn by chance instead of the first"
    )
    which.add_argument("--seed", type=int, default=42, help="of the draw (default: 42)")
    which.add_argument(
        "--number", metavar="N", help="of a pull request; of tokens the number of a row or window"
    )
    which.add_argument("--id", metavar="ID", help="of an example, or a hash; its beginning does")
    which.add_argument("--repository", metavar="OWNER/NAME", help="of this one only")
    which.add_argument(
        "--where",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN=VALUE",
        help="with this value: reason='near duplicate', intent=FIX, target_kind=method, kind=hunk",
    )
    which.add_argument("--count", action="store_true", help="say only how many there are")
    which.add_argument(
        "--version", default="", help="of a data set: a number, a name (default: newest, or the "
        "one that a step handed on)",
    )  # fmt: skip
    which.add_argument(
        "--table", default="", metavar="NAME",
        help="of several: examples, pulls, ledger; of tokens train or validation",
    )  # fmt: skip


def _add_how(made: flags.Parser) -> None:
    how = made.add_argument_group("how they are shown")
    how.add_argument(
        "--section",
        action="append",
        default=[],
        metavar="NAME",
        help="only this part: problem, context, plan, code; of pull requests body, talk, commits, "
        "files, patch; of commits message, files, diff; may be given more than once",
    )
    how.add_argument("--full", action="store_true", help="long texts whole")
    how.add_argument("--tokens", action="store_true", help="pieces and ids in place of their text")
    how.add_argument(
        "--tokenizer",
        default="",
        metavar="PATH",
        help="a folder of one, to count tokens of examples",
    )
    how.add_argument("--text", default="", help="a text for a tokenizer to cut")
    how.add_argument("--json", action="store_true", help="one JSON document, for machines")
    how.add_argument("--no-color", action="store_true", help="no colors; NO_COLOR says so too")
    how.add_argument("--width", type=_count, metavar="N", help="columns of a line")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no count: give 1 or more")
    return int(text)
