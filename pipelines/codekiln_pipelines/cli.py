"""The program `codekiln`: its commands, and the one door through which their errors leave."""

import argparse
import importlib.metadata
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from codekiln.core import flags, manifest
from codekiln.core.errors import CodekilnError, InputError, printable
from codekiln.core.program import INTERRUPTED, hush, of_os_error
from codekiln_pipelines import compile as compiling
from codekiln_pipelines import fake_github, packages, programs
from codekiln_pipelines.doctor import command as doctor
from codekiln_pipelines.kubeflow import schedule, submit, upload
from codekiln_pipelines.local import runs

RUNS = Path("codekiln-runs")
UNHEARD = 141
"""What a shell calls a program whose output nobody reads any more: 128 + SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run as a program; exits with 0, or the code of what failed."""
    try:
        code = dispatch(sys.argv[1:] if argv is None else argv)
        if sys.stdout is not None:
            sys.stdout.flush()
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        hush()
        sys.exit(UNHEARD)
    except CodekilnError as error:
        sys.stderr.write(f"codekiln: {printable(str(error))}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        sys.stderr.write(f"codekiln: {printable(str(of_os_error(error)))}\n")
        sys.exit(InputError.exit_code)


def dispatch(argv: Sequence[str]) -> int:
    """Find the command in `argv` and do it; returns the exit code."""
    if list(argv) in (["run", "--help"], ["run", "-h"]):
        argv = ["--help"]
    parser = flags.Parser(prog="codekiln", description="Turn the history of code into code models.")
    version = importlib.metadata.version("codekiln")
    parser.add_argument("--version", action="version", version=f"codekiln {version}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_search(commands)
    for command in (compiling, submit, schedule, upload, doctor, programs, fake_github):
        command.add(commands)
    told, rest = parser.parse_known_args(argv)
    code: int = told.do(told, rest)
    return code


def _add_run(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    known = ", ".join(packages.names())
    told = commands.add_parser(
        "run",
        help=f"run a pipeline on this machine: {known}; codekiln run PIPELINE --help tells more",
        # Help after the name is the pipeline's own.
        add_help=False,
    )
    told.add_argument("pipeline", nargs="?")
    told.set_defaults(do=run)


def _add_search(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    told = commands.add_parser(
        "search",
        help="find commits by meaning",
        epilog="further flags: those of `python -m codekiln.search_commits --help`",
    )
    told.add_argument("query", metavar="TEXT", help="what to look for, in words")
    told.add_argument("--run", type=Path, help="run to search (default: the newest)")
    told.add_argument("--runs", type=Path, default=RUNS, help="folder of all runs")
    told.set_defaults(do=search)


def search(told: argparse.Namespace, rest: list[str]) -> int:
    """Search the embedded commits of a run; further flags are those of search_commits."""
    found = embeddings_of(runs.load(told.run)) if told.run else newest_embeddings(told.runs)
    command = [sys.executable, "-m", "codekiln.search_commits"]
    return subprocess.run(
        [*command, "--embeddings", str(found), "--query", told.query, *rest], check=False
    ).returncode


def embeddings_of(run: runs.Run) -> Path:
    """Return where `run` keeps the vectors of its commits."""
    return run.steps / "embed-commits" / "embeddings"


def newest_embeddings(base: Path) -> Path:
    """Return the vectors of the newest run under `base` that came so far, or raise InputError."""
    for run in runs.newest(base, "history"):
        if (embeddings_of(run) / manifest.NAME).is_file():
            return embeddings_of(run)
    raise InputError(
        f"{base} holds no run that embedded its commits: `codekiln run history` makes one; "
        "name another folder of runs with --runs, or a run with --run"
    )


def run(told: argparse.Namespace, rest: list[str]) -> int:
    """Run a pipeline to its end; a resumed run goes on in the folder of the earlier one."""
    # kfp takes a second to import: only this command pays for it.
    from codekiln_pipelines.local.run import run_pipeline

    if told.pipeline is None:
        raise InputError(f"name a pipeline: {', '.join(packages.names())}")
    return run_pipeline(told.pipeline, rest, RUNS, datetime.now().astimezone())


if __name__ == "__main__":
    main()
