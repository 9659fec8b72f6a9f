"""The phase as a program: against a made-up GitHub on a socket, with real git by smart HTTP."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codekiln.collect_pulls.__main__ import collect_pulls, limits
from codekiln.collect_pulls.settings import Settings
from codekiln.core import manifest, program
from codekiln.core.corpus import ledger, repositories
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import reference, tables
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.latency import NO_LATENCY
from codekiln.fake_github.messages import Asked, Said
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

SPECS = (
    RepositorySpec("acme/router", pulls=40, git=True),
    RepositorySpec("acme/cache", pulls=25, git=True),
    RepositorySpec("acme/queue", pulls=15, git=True),
)


class Holding(FakeGitHub):
    """A GitHub that never answers requests with `part` in their path, if it is told one."""

    part = ""
    held = 0

    async def handle(self, asked: Asked) -> Said:
        if self.part and self.part in asked.path:
            self.held += 1
            await asyncio.sleep(3600)
        return await super().handle(asked)


@pytest.fixture
def hub(tmp_path: Path) -> Holding:
    return Holding(World(7, SPECS, folder=tmp_path / "git"), latency=NO_LATENCY)


@pytest.fixture
def environ(hub: FakeGitHub) -> Iterator[dict[str, str]]:
    """Serve `hub` from another thread; give the variables that lead there."""
    with served(hub) as url:
        yield {
            "GITHUB_API_URL": url,
            "GITHUB_GRAPHQL_URL": f"{url}/graphql",
            "GITHUB_SERVER_URL": url,
            "GITHUB_TOKEN": "ghp_made_up_token",
        }


@contextlib.contextmanager
def served(hub: FakeGitHub) -> Iterator[str]:
    ready, told = threading.Event(), list[Any]()

    async def serve() -> None:
        async with hub.serve() as url:
            stop = asyncio.Event()
            told.extend((url, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(10)
    url, loop, stop = told
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture
def found(hub: FakeGitHub, tmp_path: Path) -> Path:
    """Write the list of repositories as discover_repos does."""
    folder = tmp_path / "found"
    folder.mkdir()
    listed = [
        Repository(
            node_id=one.node_id, name=one.name, default_branch="main", license="MIT",
            stars=100, size_kib=1, pushed_at=None, archived=False, fork=False, language="Go",
            description="",
        )
        for one in hub.world
    ]  # fmt: skip
    repositories.write(folder, listed, datetime(2026, 7, 1, tzinfo=UTC))
    manifest.write(
        folder,
        manifest.Manifest(
            phase="discover_repos", version="1", started="", seconds=0, settings={},
            settings_digest="", inputs={}, counts={}, metrics={}, files={}, digest="abc",
        ),
    )  # fmt: skip
    return folder


def argv(tmp_path: Path, found: Path, *more: str, out: str = "out") -> list[str]:
    told = {
        "--data": tmp_path / "data",
        "--repositories": found,
        "--collected": tmp_path / out,
        "--min-additions": 0,
    }
    return [str(word) for pair in told.items() for word in pair] + list(more)


def run(tmp_path: Path, found: Path, *more: str) -> None:
    program.run(collect_pulls, Settings, argv(tmp_path, found, *more))


def process(environ: dict[str, str], words: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "codekiln.collect_pulls", *words]
    env = {**os.environ, **environ}
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def listed(data: Path) -> int:
    dataset = Dataset(LocalFolder(data))
    head = dataset.head()
    entries = dataset.entries(head) if head else ()
    return sum(ledger.of_state(entry.state).listed for entry in entries)


def test_a_run_leaves_data_and_an_output_that_says_which(
    tmp_path: Path, found: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    run(tmp_path, found)
    told = json.loads((tmp_path / "out" / reference.NAME).read_text())
    dataset = Dataset(LocalFolder(tmp_path / "data"))
    assert told["version"] == dataset.newest().number
    assert told["digest"] == dataset.newest().digest
    assert told["ledger"]["total"] == told["ledger"]["listed"] == 80
    made = manifest.read(tmp_path / "out")
    assert made.counts["pull_requests"] == 80
    assert made.counts["unaccounted"] == 0
    assert made.inputs["data"] == told["digest"]
    rows = [
        row
        for entry in dataset.entries(dataset.newest())
        for row in tables.rows(dataset, entry.tables["pulls"])
    ]
    assert len(rows) == told["ledger"]["collected"] > 30
    assert all(row["files"] and row["commits"] and row["merge_base"] for row in rows)
    assert any(file["after"] for row in rows for file in row["files"])


def test_shards_collect_each_a_part_and_all_of_it_together(
    tmp_path: Path, found: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    sums = []
    for shard in ("0", "1"):
        run(tmp_path, found, "--shard", shard, "--shards", "2")
        sums.append(json.loads((tmp_path / "out" / reference.NAME).read_text())["ledger"]["total"])
    assert sum(sums) == listed(tmp_path / "data") == 80


def test_without_a_token_it_ends_with_code_2_and_one_line(
    tmp_path: Path, found: Path, environ: dict[str, str]
) -> None:
    with process({**environ, "GITHUB_TOKEN": ""}, argv(tmp_path, found)) as run:
        _, told = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "GITHUB_TOKEN" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("ending", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130)], ids=["term", "ctrl-c"]
)
def test_a_run_that_is_told_to_stop_commits_what_is_whole(
    tmp_path: Path,
    found: Path,
    environ: dict[str, str],
    hub: Holding,
    ending: signal.Signals,
    code: int,
) -> None:
    hub.part = "/repos/acme/queue/pulls"
    words = argv(tmp_path, found, "--repositories-at-once", "1")
    with process(environ, words) as run:
        while not hub.held and run.poll() is None:
            time.sleep(0.02)
        run.send_signal(ending)
        _, told = run.communicate(timeout=60)
    assert run.returncode == code
    assert "what was whole is committed" in told
    assert "Traceback" not in told
    assert 0 < listed(tmp_path / "data") < 80
    assert not (tmp_path / "out" / manifest.NAME).exists()


def test_two_collectors_of_all_repositories_at_once_leave_each_pull_request_once(
    tmp_path: Path, found: Path, environ: dict[str, str]
) -> None:
    # One shard of one is all of it, and so are these two: different leases, the same entries.
    parts = ((), ("--shard", "0", "--shards", "2"), ("--shard", "1", "--shards", "2"))
    runs = [
        process(environ, argv(tmp_path, found, *part, "--commit-seconds", "0", out=f"out-{n}"))
        for n, part in enumerate(parts)
    ]
    codes = [run.wait(timeout=120) for run in runs]
    for run in runs:
        run.communicate()
    assert codes == [0, 0, 0]
    assert listed(tmp_path / "data") == 80


def test_what_passes_the_filters_is_fetched_whole(tmp_path: Path) -> None:
    told = {"data": "d", "repositories": tmp_path, "collected": tmp_path}
    assert limits(Settings(**told, max_files=150)).files == 150
    assert limits(Settings(**told)).files == 100
