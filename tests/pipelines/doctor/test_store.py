import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import Objects
from codekiln_pipelines.doctor import store as subject
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Finding, State

NAMES = ["settings", "endpoint", "bucket", "write", "range", "multipart", "create", "delete"]


def examined(uri: str | None, opened: Callable[[str], Objects] | None = None) -> dict[str, Finding]:
    told = subject.subject(lambda: uri, asked=True, opened=opened)
    lines = Examination([told]).lines()
    return {line.check.removeprefix("store."): line.finding for line in lines}


def test_no_store_is_nothing_to_look_at() -> None:
    (found,) = examined(None).values()
    assert found.state is State.SKIP
    assert "--store s3://BUCKET/PREFIX" in found.remedy


def test_a_folder_is_a_store_too_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    found = examined(str(tmp_path))
    assert list(found) == NAMES
    assert {f.state for f in found.values()} == {State.OK}
    assert list(tmp_path.iterdir()) == []


class Racy(LocalFolder):
    """A store that takes If-None-Match and ignores it, as rclone's does."""

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        del create
        super().write(name, data)


class Forgetful(LocalFolder):
    """A store that gives back other bytes than it got."""

    def read(self, name: str) -> bytes:
        return b"x" + super().read(name)[1:]


class Clinging(LocalFolder):
    """A store that does not delete."""

    def delete(self, name: str) -> None:
        """Say that it is done."""


@pytest.mark.parametrize(
    ("kind", "check", "told"),
    [
        (Racy, "create", "of 16 writers created the same object"),
        (Forgetful, "write", "other 4096 came back"),
        (Clinging, "delete", "are still there after they were deleted"),
    ],
)
def test_a_store_that_breaks_what_runs_rely_on_is_told(
    kind: type[LocalFolder], check: str, told: str, tmp_path: Path
) -> None:
    found = examined(str(tmp_path), lambda uri: kind(Path(uri)))
    assert found[check].state is State.FAIL
    assert told in found[check].found
    assert found[check].remedy


def test_what_a_broken_look_wrote_is_removed(tmp_path: Path) -> None:
    examined(str(tmp_path), lambda uri: Forgetful(Path(uri)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("uri", ["gs://bucket", "s3://user:planted@bucket/x", "s3://"])
def test_a_uri_that_is_no_store_is_told_without_what_may_be_secret(uri: str) -> None:
    (found,) = examined(uri).values()
    assert found.state is State.FAIL
    assert "planted" not in f"{found}"


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("off_s", "state"),
    [(0, State.OK), (30, State.OK), (-300, State.WARN), (300, State.WARN), (1000, State.FAIL)],
)
def test_clocks_that_are_apart_are_told(off_s: float, state: State) -> None:
    date = format_datetime(NOW + timedelta(seconds=off_s), usegmt=True)
    assert subject.judged_clock("s3.example", 0.01, date, NOW).state is state


def test_a_store_that_tells_no_time_is_fine() -> None:
    assert subject.judged_clock("s3.example", 0.01, None, NOW).state is State.OK


def test_a_store_that_is_away_is_told_at_once() -> None:
    with pytest.raises(ServiceError, match=r"cannot reach http://127.0.0.1:1 .*refused"):
        subject.headers_of("http://127.0.0.1:1", None)


@pytest.fixture
def mute() -> Iterator[str]:
    """Give the URL of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


def test_a_store_that_hangs_is_given_up(mute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ANSWER_S", 0.2)
    with pytest.raises(ServiceError, match="timed out"):
        subject.headers_of(mute, None)


def test_an_endpoint_is_never_told_with_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://user:planted@s3.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-9001")
    (found,) = examined("s3://bucket").values()
    assert found.state is State.FAIL
    assert "planted" not in f"{found}"


def test_the_gate_must_have_passed() -> None:
    with pytest.raises(InputError):
        _ = subject.Store(lambda: None).objects
