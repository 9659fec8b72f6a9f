"""`codekiln run collect` as a user runs it: real processes, a GitHub on a socket, real git."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_runs import CODEKILN, codekiln, only_run

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage.objects import open_store
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.latency import NO_LATENCY
from codekiln.fake_github.messages import Asked
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

NAMES = ("acme/router", "acme/cache", "quarry/ledger")
TOKEN = "made-up-token-0123456789"  # noqa: S105 -- opens nothing


class Server:
    """A GitHub that listens on a socket, in a thread of this process."""

    def __init__(self, folder: Path, pulls: int = 14) -> None:
        specs = [RepositorySpec(name, pulls, git=True) for name in NAMES]
        world = World(7, specs, born=int(time.time()), folder=folder / "git")
        self.hub = FakeGitHub(world, latency=NO_LATENCY)
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ends = asyncio.Event()

    @contextlib.contextmanager
    def listening(self) -> Iterator["Server"]:
        ready = threading.Event()

        async def serve() -> None:
            async with self.hub.serve() as url:
                self.url = url
                ready.set()
                await self._ends.wait()

        thread = threading.Thread(target=lambda: self._loop.run_until_complete(serve()))
        thread.start()
        try:
            assert ready.wait(20)
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._ends.set)
            thread.join()
            self._loop.close()

    @property
    def variables(self) -> dict[str, str]:
        told = {"API_URL": "", "GRAPHQL_URL": "/graphql", "SERVER_URL": ""}
        urls = {f"GITHUB_{name}": self.url + path for name, path in told.items()}
        return {**urls, "GITHUB_TOKEN": TOKEN, "GH_TOKEN": ""}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path).listening() as server:
        yield server


def argv(*more: str, pulls: int = 3) -> list[str]:
    asked = ["--repositories", " ".join(NAMES), "--max-pulls", str(pulls)]
    return ["run", "collect", "--recipe", "smoke", "--max-repositories", "9", *asked, *more]


def run(folder: Path, github: Server, *more: str, pulls: int = 3) -> str:
    """Run the pipeline to its good end; returns what it said."""
    ended = codekiln(folder, *argv(*more, pulls=pulls), env=github.variables)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def ledger(made: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((made / "ledger.json").read_text())
    return told


def newest(folder: Path) -> Path:
    return max((folder / "codekiln-runs").iterdir(), key=lambda path: path.stat().st_mtime)


def test_pull_requests_become_a_data_set_and_its_ledger(tmp_path: Path, github: Server) -> None:
    run(tmp_path, github)
    told = ledger(only_run(tmp_path))
    sums = told["pull_requests"]
    assert (told["verdict"], told["repositories"]) == ("complete", {"complete": 3})
    assert sums["total"] == 3 * 14 == sums["listed"] + sums["beyond"]
    assert 0 < sums["collected"] <= 9
    assert sums["unaccounted"] == 0
    dataset = Dataset(open_store(str(tmp_path / "codekiln-data")))
    assert dataset.names() == {told["name"]: told["version"]}
    assert "every pull request is accounted for" in (only_run(tmp_path) / "ledger.html").read_text()
    first, version = sums["collected"], told["version"]

    said = run(tmp_path, github, pulls=10)
    more = ledger(newest(tmp_path))
    assert more["pull_requests"]["collected"] > first
    assert more["version"] > version

    asked = sum(github.hub.requests.values())
    run(tmp_path, github, pulls=10)
    again = ledger(newest(tmp_path))
    assert again["version"] == more["version"]
    assert again["accounts"] == more["accounts"]
    # A look at the list, and one a shard that has a repository.
    assert sum(github.hub.requests.values()) - asked <= 5

    said = run(tmp_path, github, "--resume", str(newest(tmp_path)), pulls=10)
    assert said.count(" kept ") == 5
    assert not list((newest(tmp_path) / "steps").glob("*/*.partial"))
    assert TOKEN not in "".join(
        path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )


def test_a_shard_that_fails_fails_the_run_and_the_ledger_says_so(
    tmp_path: Path, github: Server
) -> None:
    def revoke(asked: Asked) -> None:
        if b"query Look" in asked.body:
            github.hub.revoked.add(TOKEN)

    github.hub.before = revoke
    ended = codekiln(tmp_path, *argv(), env=github.variables)
    assert ended.returncode == 2
    assert "--resume" in ended.stderr
    assert "Traceback" not in ended.stderr
    told = ledger(only_run(tmp_path))
    assert told["verdict"] == "failed"
    assert "shards that have not come to their end" in told["problems"][0]["what"]
    assert told["repositories"]["not reached"] > 0
    assert told["name"] == ""
    assert "What is wrong" in (only_run(tmp_path) / "ledger.html").read_text()


def test_without_a_token_one_line_says_what_is_missing(tmp_path: Path, github: Server) -> None:
    ended = codekiln(tmp_path, *argv(), env={**github.variables, "GITHUB_TOKEN": ""})
    assert ended.returncode == 2
    assert "GITHUB_TOKEN" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "there is no list of repositories" in ledger(only_run(tmp_path))["problems"][0]["what"]


def test_who_is_interrupted_stops_every_shard_and_goes_on_later(
    tmp_path: Path, github: Server
) -> None:
    reached, released = threading.Event(), threading.Event()

    def hold(asked: Asked) -> None:
        if b"query Look" in asked.body:
            reached.set()
            released.wait(30)

    github.hub.before = hold
    with subprocess.Popen(
        [*CODEKILN, *argv()], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **github.variables},
    ) as process:  # fmt: skip
        assert reached.wait(60)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
    released.set()
    assert process.returncode == 130, said
    assert said.count("interrupted") >= 1
    assert "collect_pulls.3" not in said
    assert "reconcile_pulls" not in said
    github.hub.before = lambda _: None
    run(tmp_path, github, "--resume")
    assert ledger(only_run(tmp_path))["verdict"] == "complete"


@pytest.mark.platform
def test_containers_collect_the_same_bytes(tmp_path: Path, github: Server) -> None:
    for kind, more in (("processes", []), ("containers", ["--containers"])):
        run(tmp_path, github, "--data", str(tmp_path / kind), *more)
    heads = [
        Dataset(open_store(str(tmp_path / kind))).newest() for kind in ("processes", "containers")
    ]
    assert heads[0].entries == heads[1].entries
