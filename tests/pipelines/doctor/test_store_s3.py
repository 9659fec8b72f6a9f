import os
from pathlib import Path

import pytest
import radosgw

from codekiln_pipelines.doctor import store as subject
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Finding, State

pytestmark = pytest.mark.s3


@pytest.fixture(scope="module")
def server() -> radosgw.Server:
    return radosgw.server()


@pytest.fixture(scope="module")
def bucket(server: radosgw.Server) -> str:
    return server.new_bucket()


def examined(uri: str) -> dict[str, Finding]:
    lines = Examination([subject.subject(lambda: uri, asked=True)]).lines()
    found = {line.check.removeprefix("store."): line.finding for line in lines}
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY", radosgw.SECRET_KEY)
    assert secret not in f"{found}"
    return found


@pytest.mark.parametrize("tls", [False, True])
def test_a_good_store_passes_and_nothing_is_left(
    tls: bool, server: radosgw.Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    radosgw.settle(monkeypatch, server.environment(tls=tls))
    found = examined(f"s3://{bucket}/runs")
    assert {name: f for name, f in found.items() if f.state is not State.OK} == {}
    assert "credentials from the environment" in found["settings"].found
    assert "11 MiB in 3 parts" in found["multipart"].found
    assert server.client().list_objects_v2(Bucket=bucket).get("Contents", []) == []
    assert server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_a_wrong_secret_is_told_and_not_shown(
    server: radosgw.Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"AWS_SECRET_ACCESS_KEY": "planted-wrong-4f01"}
    radosgw.settle(monkeypatch, {**server.environment(), **wrong})
    found = examined(f"s3://{bucket}")
    assert list(found) == ["settings", "endpoint", "bucket"]
    assert found["bucket"].state is State.FAIL
    assert "AWS_SECRET_ACCESS_KEY is not the one" in found["bucket"].found


def test_an_unknown_key_is_told(
    server: radosgw.Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    radosgw.settle(monkeypatch, {**server.environment(), "AWS_ACCESS_KEY_ID": "nobody"})
    assert "does not know the access key" in examined(f"s3://{bucket}")["bucket"].found


def test_a_bucket_that_is_not_there_is_told(
    server: radosgw.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    radosgw.settle(monkeypatch, server.environment())
    found = examined("s3://not-there")["bucket"]
    assert found.state is State.FAIL
    assert "has no bucket not-there" in found.found
    assert found.remedy == "create it, or name another"


def test_a_certificate_of_another_authority_is_told(
    server: radosgw.Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = server.environment(tls=True)
    del environment["AWS_CA_BUNDLE"]
    radosgw.settle(monkeypatch, environment)
    found = examined(f"s3://{bucket}")
    assert list(found) == ["settings", "endpoint"]
    assert "is not trusted" in found["endpoint"].found
    assert "AWS_CA_BUNDLE" in found["endpoint"].remedy


def test_keys_of_a_file_are_told_as_such(
    server: radosgw.Server, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = server.environment()
    file = tmp_path / "credentials"
    file.write_text(
        f"[default]\naws_access_key_id = {environment.pop('AWS_ACCESS_KEY_ID')}\n"
        f"aws_secret_access_key = {environment.pop('AWS_SECRET_ACCESS_KEY')}\n"
    )
    radosgw.settle(monkeypatch, {**environment, "AWS_SHARED_CREDENTIALS_FILE": str(file)})
    found = examined(f"s3://{bucket}")
    assert "credentials from ~/.aws/credentials" in found["settings"].found
    assert found["bucket"].state is State.OK


def test_no_credentials_at_all_are_told_with_the_variables_to_set(
    server: radosgw.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = server.environment()
    del environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    monkeypatch.setenv("HOME", str(tmp_path))
    radosgw.settle(monkeypatch, environment)
    (found,) = examined("s3://bucket").values()
    assert found.state is State.FAIL
    assert "AWS_ACCESS_KEY_ID" in found.remedy
