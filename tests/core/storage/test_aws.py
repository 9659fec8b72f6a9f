from pathlib import Path

import pytest
import radosgw

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage import aws

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "planted-5c1e"}


def told(monkeypatch: pytest.MonkeyPatch, **settings: str) -> aws.Account:
    radosgw.settle(monkeypatch, {**KEYS, **settings})
    return aws.account()


def test_without_settings_the_store_is_aws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch)
    assert (found.endpoint, found.region, found.addressing) == (None, "us-east-1", "virtual")
    assert found.place == "AWS S3 in us-east-1"


@pytest.mark.parametrize(
    ("settings", "endpoint"),
    [
        ({"AWS_ENDPOINT_URL": "http://a:9000/"}, "http://a:9000"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "https://b"}, "https://b"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
    ],
)
def test_the_endpoint_is_told_as_to_boto3(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], endpoint: str | None
) -> None:
    assert told(monkeypatch, **settings).endpoint == endpoint


def test_other_stores_have_the_bucket_in_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, AWS_ENDPOINT_URL="http://a").addressing == "path"


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-north-1"}, "eu-north-1"),
    ],
)
def test_the_region_has_two_variables(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], region: str
) -> None:
    assert told(monkeypatch, **settings).region == region


def test_a_profile_tells_all_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile lab]\nregion = lab-1\nendpoint_url = https://lab:8000\n"
        "s3 =\n  addressing_style = virtual\n  multipart_chunksize = 16MB\n"
        "  max_concurrent_requests = 3\n"
    )
    (tmp_path / "credentials").write_text(
        "[lab]\naws_access_key_id = labkey\naws_secret_access_key = labsecret\n"
    )
    settings = {
        "AWS_PROFILE": "lab",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    radosgw.settle(monkeypatch, settings)
    found = aws.account()
    assert (found.endpoint, found.region, found.addressing) == (
        "https://lab:8000", "lab-1", "virtual",
    )  # fmt: skip
    assert (found.part_bytes, found.concurrency) == (16 << 20, 3)
    assert found.credentials.get_frozen_credentials().access_key == "labkey"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"AWS_PROFILE": "nobody"}, "nobody"),
        ({"AWS_ENDPOINT_URL": "minio:9000"}, "AWS_ENDPOINT_URL .* must be http://HOST:PORT"),
        ({"AWS_ENDPOINT_URL": "http://[::1"}, "AWS_ENDPOINT_URL .* must be http://HOST:PORT"),
        ({"AWS_ENDPOINT_URL": "http://a:99999"}, "AWS_ENDPOINT_URL .* must be http://HOST:PORT"),
        ({"AWS_ENDPOINT_URL": "http://a b:1"}, "AWS_ENDPOINT_URL .* must be http://HOST:PORT"),
        ({"AWS_ENDPOINT_URL": "http://a:1\n"}, "AWS_ENDPOINT_URL .* must be http://HOST:PORT"),
        ({"AWS_REGION": "us-east-1\n"}, "AWS_REGION .* one is us-east-1"),
        ({"AWS_MAX_ATTEMPTS": "many"}, "AWS_MAX_ATTEMPTS .* whole number from 1"),
        ({"AWS_MAX_ATTEMPTS": "-1"}, "AWS_MAX_ATTEMPTS .* whole number from 1"),
        ({"AWS_CA_BUNDLE": "/no/such/file"}, "AWS_CA_BUNDLE .* No such file"),
        ({"AWS_CA_BUNDLE": "/etc/hostname"}, "no certificate"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        told(monkeypatch, **settings)


@pytest.mark.parametrize(
    "name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
)
@pytest.mark.parametrize("value", ["planted\n", "planted key", "plantéd", "planted\t"])
def test_a_key_that_no_request_can_carry_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(InputError, match=f"{name} .* holds a space, a line end") as caught:
        told(monkeypatch, **{name: value})
    assert "plant" not in str(caught.value)


def test_missing_credentials_name_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    radosgw.settle(monkeypatch, {})
    with pytest.raises(InputError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        aws.account()


def test_half_of_the_credentials_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    radosgw.settle(monkeypatch, {"AWS_ACCESS_KEY_ID": "key"})
    with pytest.raises(InputError, match="AWS_SECRET_ACCESS_KEY"):
        aws.account()


def test_a_service_that_gives_credentials_and_is_away_may_come_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("token")
    web_identity = {
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    }
    radosgw.settle(monkeypatch, web_identity)
    with pytest.raises(ServiceError, match="gives S3 credentials does not answer"):
        aws.account()


def test_a_password_in_the_endpoint_is_refused_unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no user in it") as caught:
        told(monkeypatch, AWS_ENDPOINT_URL="http://me:hunter2@host")
    assert "hunter2" not in str(caught.value)


def test_no_secret_is_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in repr(told(monkeypatch))


@pytest.mark.parametrize("size", ["0", "many", "8 potatoes", "-1"])
def test_a_size_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: str
) -> None:
    (tmp_path / "config").write_text(f"[default]\ns3 =\n  multipart_chunksize = {size}\n")
    with pytest.raises(InputError, match="multipart_chunksize"):
        told(monkeypatch, AWS_CONFIG_FILE=str(tmp_path / "config"))
