import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fake_github.asking import NAME, get, hub_of

from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import RepositorySpec

PATH = f"/repos/{NAME}"


def served(hub: FakeGitHub, work: Callable[[str], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with hub.serve() as url:
            return await work(url)

    return asyncio.run(run())


def asked(hub: FakeGitHub, path: str, **params: Any) -> Any:
    async def ask(url: str) -> httpx2.Response:
        async with httpx2.AsyncClient(headers={"authorization": "Bearer t"}) as client:
            return await client.get(url + path, params=params)

    return served(hub, ask)


def test_a_socket_gives_what_the_transport_gives() -> None:
    over_socket = asked(hub_of(), f"{PATH}/pulls", state="all")
    in_process = get(hub_of(), f"{PATH}/pulls", state="all")
    assert [one["id"] for one in over_socket.json()] == [one["id"] for one in in_process.json()]
    assert over_socket.headers["etag"] == in_process.headers["etag"]
    assert over_socket.links["next"]["url"].startswith("http://127.0.0.1:")


def test_many_requests_go_through_one_connection() -> None:
    hub = hub_of()

    async def ask(url: str) -> list[int]:
        limits = httpx2.Limits(max_connections=1)
        async with httpx2.AsyncClient(limits=limits) as client:
            posted = {"query": "{ viewer { login } }"}
            first = [(await client.get(url + PATH)).status_code for _ in range(3)]
            return [*first, (await client.post(f"{url}/graphql", json=posted)).status_code]

    assert served(hub, ask) == [200, 200, 200, 401]


@pytest.mark.parametrize("fault", ["reset", "reset-early"])
def test_a_reset_reaches_the_client_as_one(fault: str) -> None:
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        asked(hub_of(faults=f"{fault}@1"), PATH)


def test_a_truncated_answer_ends_early_after_its_length_was_told() -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        asked(hub_of(faults="truncated@1"), PATH)


def test_an_unchanged_page_has_no_body() -> None:
    hub = hub_of()

    async def ask(url: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as client:
            tag = (await client.get(url + PATH)).headers["etag"]
            return await client.get(url + PATH, headers={"if-none-match": tag})

    assert served(hub, ask).status_code == 304


def git(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", **variables}
    return subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=False, env=kept | told
    )


def fetched(hub: FakeGitHub, folder: Path, name: str = NAME) -> tuple[int, str]:
    async def clone(url: str) -> tuple[int, str]:
        command = ["clone", "--quiet", "--bare", "--filter=blob:none", f"{url}/{name}.git"]
        done = await asyncio.to_thread(git, *command, str(folder))
        return done.returncode, done.stderr

    code, said = served(hub, clone)
    return int(code), str(said)


@pytest.fixture
def with_git(tmp_path: Path) -> FakeGitHub:
    return hub_of(RepositorySpec(NAME, pulls=12, git=True), folder=tmp_path / "git")


def test_git_clones_over_http(with_git: FakeGitHub, tmp_path: Path) -> None:
    assert fetched(with_git, tmp_path / "clone") == (0, "")
    count = git("-C", str(tmp_path / "clone"), "rev-list", "--count", "main").stdout
    assert int(count) > 3
    assert with_git.requests["git"] >= 2


def test_git_follows_a_renamed_repository(with_git: FakeGitHub, tmp_path: Path) -> None:
    with_git.world.find(NAME)
    with_git.world.rename(NAME, "acme/mux")
    code, said = fetched(with_git, tmp_path / "clone")
    assert code == 0, said


def test_git_is_asked_to_log_in_where_there_is_nothing(
    with_git: FakeGitHub, tmp_path: Path
) -> None:
    code, said = fetched(with_git, tmp_path / "clone", "acme/none")
    assert code != 0
    assert "could not read Username" in said


def test_git_meets_faults_too(with_git: FakeGitHub, tmp_path: Path) -> None:
    with_git.faults = type(with_git.faults).parse("503@1:git reset@2:git")
    for _ in range(2):
        assert fetched(with_git, tmp_path / "clone")[0] != 0
    assert fetched(with_git, tmp_path / "clone")[0] == 0


PROGRAM = """
import sys
from codekiln.core import flags
from codekiln_pipelines import fake_github

parser = flags.Parser(prog="codekiln")
fake_github.add(parser.add_subparsers())
told, rest = parser.parse_known_args(["fake-github", "--port", "0", *sys.argv[1:]])
sys.exit(told.do(told, rest))
"""


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_what_to_paste_and_ends_well(signal_: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "--repositories", "3", "--pulls", "5"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        told = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[1:])
        answer = httpx2.get(f"{told['GITHUB_API_URL']}/rate_limit")
        process.send_signal(signal_)
        _, said = process.communicate(timeout=20)
    assert told.keys() == {
        "GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_SERVER_URL", "GITHUB_TOKEN",
    }  # fmt: skip
    assert answer.status_code == 200
    assert process.returncode == 0, said
    assert "answered 1 rest requests" in said


@pytest.mark.parametrize(
    "flags", [["--faults", "boom"], ["--repositories", "0"], ["--port", "99999"], ["--what"]]
)
def test_a_mistaken_flag_is_one_line(flags: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *flags], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "InputError" in done.stderr


def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "--port", port],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert f"InputError: cannot listen on 127.0.0.1, port {port}" in done.stderr
