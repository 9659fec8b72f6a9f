"""What the user is told when a real S3 server refuses, or cannot be reached."""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

import botocore.auth
import botocore.exceptions
import pytest
import radosgw
import s3_proxy
from radosgw import SECRET_KEY, Server
from s3_proxy import BUSY, Refusal

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage import aws
from codekiln.core.storage.objects import MissingError, Objects, open_store
from codekiln.core.storage.s3 import S3

pytestmark = pytest.mark.s3


@pytest.fixture
def store(place: str) -> Objects:
    return open_store(place)


# --- what the user must mend ---


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"AWS_ACCESS_KEY_ID": "unknown"}, "check AWS_ACCESS_KEY_ID"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "AWS_SECRET_ACCESS_KEY is not the one"),
    ],
)
def test_a_wrong_key_is_named(
    place: str, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], told: str
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    store = open_store(place)
    for action in (
        lambda: store.write("a", b""),
        lambda: store.write("a", b"", create=True),
        lambda: store.read("a"),
        lambda: store.size("a"),
        lambda: list(store.names()),
        lambda: store.delete("a"),
    ):
        error = radosgw.told_of(action)
        assert isinstance(error, InputError)
        assert told in str(error)


@pytest.mark.usefixtures("place")
def test_a_missing_bucket_is_named(tmp_path: Path) -> None:
    store = open_store("s3://no-such-bucket/x")
    (tmp_path / "a").touch()
    for action in (
        lambda: store.write("a", b""),
        lambda: store.read("a"),
        lambda: store.size("a"),
        lambda: list(store.names()),
        lambda: store.upload("a", tmp_path / "a"),
    ):
        error = radosgw.told_of(action)
        assert not isinstance(error, MissingError)
        assert "has no bucket no-such-bucket; create it" in str(error)


@pytest.mark.usefixtures("place")
def test_a_full_quota_is_no_space(server: Server, tmp_path: Path) -> None:
    bucket = server.new_bucket()
    limit = ("--quota-scope=bucket", f"--bucket={bucket}")
    server.admin("quota", "set", *limit, "--max-size=1048576")
    server.admin("quota", "enable", *limit)
    store = open_store(f"s3://{bucket}")
    (tmp_path / "large").write_bytes(bytes(2 << 20))
    error = radosgw.told_of(lambda: store.upload("large", tmp_path / "large"))
    assert isinstance(error, InputError)
    assert "no space left" in str(error)
    assert "quota" in str(error)


def test_a_missing_right_is_told(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("--access-key=stranger", "--secret-key=stranger")
    server.admin("user", "create", "--uid=stranger", "--display-name=stranger", *keys)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stranger")
    store = open_store(place)
    for action in (lambda: store.write("a", b""), lambda: list(store.names())):
        error = radosgw.told_of(action)
        assert isinstance(error, InputError)
        assert "does not allow that" in str(error)


def test_a_name_that_no_file_can_have_is_told(
    server: Server, bucket: str, place: str, store: Objects
) -> None:
    prefix = place.rpartition("/")[2]
    server.client().put_object(Bucket=bucket, Key=f"{prefix}/a//b", Body=b"")
    error = radosgw.told_of(lambda: list(store.names()))
    assert isinstance(error, InputError)
    assert "empty part in its name" in str(error)


@pytest.mark.usefixtures("place")
def test_credentials_that_cannot_be_renewed_may_be_later() -> None:
    class Away:
        def get_frozen_credentials(self) -> aws.Frozen:
            raise RuntimeError(SECRET_KEY)

    account = dataclasses.replace(aws.account(), credentials=Away())
    error = radosgw.told_of(lambda: S3("s3", "bucket", "", account).read("a"))
    assert isinstance(error, ServiceError)
    assert "could not be renewed" in str(error)


def test_a_wrong_clock_is_told_to_be_set(
    server: Server,
    bucket: str,
    through: Callable[[s3_proxy.Rule], Objects],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=2)
    with monkeypatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: late)
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            server.client().list_objects_v2(Bucket=bucket)
    refused = caught.value.response
    # The clock of the Rust client cannot be set, so it is given what the real server says.
    refusal = Refusal(refused["ResponseMetadata"]["HTTPStatusCode"], refused["Error"]["Code"])
    error = radosgw.told_of(lambda: through(lambda _: refusal).read("a"))
    assert isinstance(error, InputError)
    assert "set the clock" in str(error)


def test_a_certificate_that_is_not_trusted_names_the_variable(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    radosgw.settle(monkeypatch, {**server.environment(tls=True), "AWS_CA_BUNDLE": ""})
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    error = radosgw.told_of(lambda: open_store(place).read("a"))
    assert isinstance(error, InputError)
    assert "AWS_CA_BUNDLE" in str(error)


def test_a_server_without_tls_is_told(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://localhost:{server.http}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    error = radosgw.told_of(lambda: open_store(place).read("a"))
    assert isinstance(error, InputError)
    assert "write http://" in str(error)


def test_a_server_with_tls_is_told(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{server.https}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "AWS_ENDPOINT_URL" in str(radosgw.told_of(lambda: open_store(place).read("a")))


# --- what time may mend ---


def test_an_endpoint_that_does_not_answer_may_answer_later(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    error = radosgw.told_of(lambda: open_store(place).read("a"))
    assert isinstance(error, ServiceError)
    assert "cannot reach http://127.0.0.1:9: check AWS_ENDPOINT_URL" in str(error)


def test_a_store_that_stays_busy_may_answer_later(
    through: Callable[[s3_proxy.Rule], Objects],
) -> None:
    error = radosgw.told_of(lambda: through(lambda _: BUSY).write("a", b""))
    assert isinstance(error, ServiceError)
    assert "SlowDown" in str(error)
