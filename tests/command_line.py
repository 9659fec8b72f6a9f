"""The commands of `codekiln` one by one, as its command line calls them."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from codekiln.core import flags

if TYPE_CHECKING:
    from codekiln_pipelines.kubeflow import access

Add = Callable[["argparse._SubParsersAction[flags.Parser]"], None]

REPOSITORY = ("--repository", "https://github.com/psf/requests.git")


def run(add: Add, argv: Sequence[str]) -> int:
    """Do what `argv` says with the commands of one module; returns the exit code."""
    parser = flags.Parser(prog="codekiln")
    add(parser.add_subparsers(required=True))
    told, rest = parser.parse_known_args(argv)
    do: Callable[[Any, list[str]], int] = told.do
    return do(told, rest)


def asking(**flags: object) -> "access.Told":
    """Return the flags that say where Kubeflow is, as if these had been given."""
    none = dict.fromkeys(("endpoint", "namespace", "token_file", "kube_context"))
    told = {**none, "port_forward": False, "kubeflow_namespace": "kubeflow", **flags}
    return argparse.Namespace(**told)
