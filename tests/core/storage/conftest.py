"""Stores of each kind for the tests; those on S3 have a prefix of their own."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import radosgw
import s3_proxy
from radosgw import Server

from codekiln.core.storage.objects import Objects, open_store

KINDS = [
    "folder",
    pytest.param("http", marks=pytest.mark.s3),
    pytest.param("tls", marks=pytest.mark.s3),
]


@pytest.fixture(scope="session")
def server() -> Server:
    return radosgw.server()


@pytest.fixture(scope="session")
def bucket(server: Server) -> str:
    """Make a bucket; each test has its own prefix in it."""
    return server.new_bucket()


@pytest.fixture
def place(server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URI of an empty prefix that the settings of this process lead to."""
    radosgw.settle(monkeypatch, server.environment())
    return f"s3://{bucket}/{secrets.token_hex(8)}"


@pytest.fixture(params=KINDS)
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Objects]:
    """Open the same store as often as one likes."""
    if request.param == "folder":
        return lambda: open_store((tmp_path / "store").as_uri())
    place = request.getfixturevalue("place")
    server: Server = request.getfixturevalue("server")
    radosgw.settle(monkeypatch, server.environment(tls=request.param == "tls"))
    return lambda: open_store(place)


@pytest.fixture
def store(opened: Callable[[], Objects]) -> Objects:
    return opened()


@pytest.fixture
def through(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[s3_proxy.Rule], Objects]]:
    """Open the store through a proxy with a rule; parts are of 8 MiB."""
    (tmp_path / "config").write_text("[default]\ns3 =\n  multipart_chunksize = 8MB\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "4")
    with contextlib.ExitStack() as stack:

        def opened(rule: s3_proxy.Rule) -> Objects:
            url = stack.enter_context(s3_proxy.between(server.http, rule))
            monkeypatch.setenv("AWS_ENDPOINT_URL", url)
            return open_store(place)

        yield opened
