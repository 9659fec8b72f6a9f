"""The command `codekiln data`: what a versioned data set holds, and what may be done with it.

It runs `python -m codekiln.core.datasets`, for only that may load Arrow: see there for the actions.
"""

import argparse
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codekiln.core import flags


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command; its flags, --help too, are those of the program that it runs."""
    told = commands.add_parser(
        "data",
        help="look into a versioned data set, export, restore or prune it; codekiln data --help "
        "tells more",
        add_help=False,
        allow_abbrev=False,
    )
    told.set_defaults(do=data)


def data(_told: argparse.Namespace, rest: list[str]) -> int:
    """Do what the words after `data` say; returns the exit code."""
    command = [sys.executable, "-m", "codekiln.core.datasets", *rest]
    return subprocess.run(command, check=False).returncode
