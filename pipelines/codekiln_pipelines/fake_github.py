"""The command `codekiln fake-github`: a made-up GitHub on this machine, for demos and tests."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from codekiln.core.errors import InputError
from codekiln.core.scratch import run_folder

if TYPE_CHECKING:
    from codekiln.core import flags
    from codekiln.fake_github.hub import FakeGitHub

PORT = 8420
REPOSITORIES, PULLS = 12, 40
TOKEN = "made-up-token"  # noqa: S105  # opens nothing but the made-up GitHub


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command and its flags."""
    told = commands.add_parser(
        "fake-github",
        help="serve a made-up GitHub on this machine, to try the collector without an account",
        description="Serve a made-up GitHub on this machine: its REST and GraphQL API with their "
        "limits, and git. Prints the variables that point the collector at it; Ctrl-C ends it.",
        allow_abbrev=False,
    )
    told.add_argument("--host", default="127.0.0.1", help="address (default: 127.0.0.1)")
    told.add_argument("--port", type=int, default=PORT, help=f"0: any (default: {PORT})")
    told.add_argument(
        "--repositories", type=int, default=REPOSITORIES, metavar="N",
        help=f"how many (default: {REPOSITORIES})",
    )  # fmt: skip
    told.add_argument(
        "--pulls", type=int, default=PULLS, metavar="N",
        help=f"pull requests in each (default: {PULLS})",
    )  # fmt: skip
    told.add_argument("--seed", type=int, default=7, help="what is made up (default: 7)")
    told.add_argument(
        "--faults",
        default="",
        metavar="SCRIPT",
        help="what goes wrong: mild, rough, or a script like '502@3 429@every50:graphql'",
    )
    told.add_argument("--git", action="store_true", help="real git repositories, served over HTTP")
    told.add_argument(
        "--folder", type=Path, help="where git repositories are built (default: a temporary one)"
    )
    told.add_argument(
        "--slow", action="store_true", help="answer as slowly as GitHub does, not at once"
    )
    told.set_defaults(do=fake_github)


def fake_github(told: argparse.Namespace, rest: list[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; returns the exit code."""
    if rest:
        raise InputError(f"unknown argument {rest[0]}; see codekiln fake-github --help")
    if told.repositories < 1 or told.pulls < 0:
        raise InputError("--repositories must be 1 or more, and --pulls 0 or more")
    if not 0 <= told.port <= 65_535:
        raise InputError(f"--port is {told.port}: want a number up to 65535, or 0 for any")
    with run_folder("codekiln-fake-github-") as scratch:
        hub = _hub(told, told.folder or scratch)
        try:
            asyncio.run(_serve(hub, told))
        except OSError as error:
            raise InputError(
                f"cannot listen on {told.host}, port {told.port}: {error.strerror}; "
                "give another --port, or 0 for any that is free"
            ) from error
        sys.stderr.write(f"codekiln: {_summary(hub)}\n")
    return 0


def _hub(told: argparse.Namespace, folder: Path) -> "FakeGitHub":
    from codekiln.fake_github.faults import Faults
    from codekiln.fake_github.hub import FakeGitHub
    from codekiln.fake_github.latency import NO_LATENCY, Latency
    from codekiln.fake_github.specs import population
    from codekiln.fake_github.world import World

    specs = population(told.seed, told.repositories, told.pulls, git=told.git)
    world = World(told.seed, specs, born=int(time.time()), folder=folder)
    world.build()
    faults = Faults.parse(told.faults, told.seed)
    return FakeGitHub(world, faults, Latency() if told.slow else NO_LATENCY)


async def _serve(hub: "FakeGitHub", told: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with hub.serve(told.host, told.port) as url:
        sys.stdout.write(_lines(hub, url))
        sys.stdout.flush()
        await ended.wait()


def _lines(hub: "FakeGitHub", url: str) -> str:
    count = len(hub.world.repositories)
    return (
        f"# A made-up GitHub with {count:,} repositories at {url}; Ctrl-C ends it.\n"
        f"export GITHUB_API_URL={url}\n"
        f"export GITHUB_GRAPHQL_URL={url}/graphql\n"
        f"export GITHUB_SERVER_URL={url}\n"
        f"export GITHUB_TOKEN={TOKEN}\n"
    )


def _summary(hub: "FakeGitHub") -> str:
    answered = ", ".join(f"{count:,} {kind}" for kind, count in sorted(hub.requests.items()))
    broken = ", ".join(f"{count} {kind}" for kind, count in sorted(hub.violations.items()))
    faults = sum(hub.faults.struck.values())
    return (
        f"answered {answered or 'no'} requests, {faults:,} with a fault; "
        f"limits run over: {broken or 'none'}"
    )
