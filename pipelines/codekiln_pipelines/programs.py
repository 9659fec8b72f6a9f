"""Commands that are programs of their own: `codekiln data`, `codekiln peek`, `codekiln forget`.

Each runs `python -m MODULE`, for only that may load Arrow: see there for the flags.
"""

import argparse
import functools
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codekiln.core import flags

PROGRAMS = {
    "data": (
        "codekiln.core.datasets",
        "look into a versioned data set, export, restore or prune it",
    ),
    "peek": (
        "codekiln.peek",
        "print what a folder, a file or a data set holds: records, examples, tokens",
    ),
    "forget": (
        "codekiln.forget",
        "take a repository out of all data, and list the models that had seen it",
    ),
}
"""The module of each command, and what it does."""


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the commands; their flags, --help too, are those of the programs that they run."""
    for name, (module, about) in PROGRAMS.items():
        told = commands.add_parser(
            name,
            help=f"{about}; codekiln {name} --help tells more",
            add_help=False,
            allow_abbrev=False,
        )
        told.set_defaults(do=functools.partial(run, module))


def run(module: str, _told: argparse.Namespace, rest: list[str]) -> int:
    """Run the program `module` with the words after the command; returns its exit code."""
    return subprocess.run([sys.executable, "-m", module, *rest], check=False).returncode
