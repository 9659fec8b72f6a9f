"""The S3 client: obstore (Rust object_store), told what our account says."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from obstore.store import S3Store

from codekiln.core.storage.aws import Account, Credentials

if TYPE_CHECKING:
    from obstore.store import BackoffConfig, ClientConfig, S3Config, S3Credential

CONNECT = timedelta(seconds=10)
REQUEST = timedelta(minutes=30)
"""Longest request, with its body: sixteen parts of 8 MiB share a link of 75 kB/s."""
RETRY = timedelta(minutes=4)
"""A signature is valid for a few minutes only."""
BACKOFF: "BackoffConfig" = {
    "init_backoff": timedelta(milliseconds=100),
    "max_backoff": timedelta(seconds=20),
    "base": 3,
}
"""Pauses, each drawn up to three times the one before: six seconds or so in all."""
RENEW = timedelta(minutes=5)
"""How long the client may keep credentials; botocore renews them ten minutes before their end."""


def client(bucket: str, prefix: str, account: Account) -> S3Store:
    """Return obstore's client for `account`."""
    options: ClientConfig = {
        # A proxy is told by its variables, as everywhere.
        "allow_http": (account.endpoint or "").startswith("http://"),
        "connect_timeout": CONNECT,
        "timeout": REQUEST,
        "user_agent": "codekiln",
    }
    if account.ca_bundle:
        options["root_certificate"] = account.ca_bundle
    config: S3Config = {
        "region": account.region,
        "virtual_hosted_style_request": is_hosted(bucket, account),
        # TLS vouches for every byte already; over HTTP nothing else does.
        "unsigned_payload": not (account.endpoint or "").startswith("http://"),
        # One by one: the bulk request wants checksums that stores do not agree on.
        "disable_bulk_delete": True,
    }
    if account.endpoint:
        endpoint = hosted(account.endpoint, bucket, account)
        # The client reads AWS_ENDPOINT_URL_S3 by itself, and would prefer it.
        config["endpoint"] = config["aws_endpoint_url_s3"] = endpoint
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options=options,
        retry_config={
            "max_retries": account.attempts - 1,
            "retry_timeout": RETRY,
            "backoff": BACKOFF,
        },
        credential_provider=Provider(account.credentials),
    )


def is_hosted(bucket: str, account: Account) -> bool:
    """Say whether the bucket is part of the host's name; no certificate is for one with a dot."""
    return account.addressing == "virtual" and "." not in bucket


def hosted(endpoint: str, bucket: str, account: Account) -> str:
    """Put the bucket in front of the host, where it is addressed so."""
    if not is_hosted(bucket, account):
        return endpoint
    scheme, _, host = endpoint.partition("://")
    return f"{scheme}://{bucket}.{host}"


class Provider:
    """Hands credentials to the client, which asks again before they end."""

    def __init__(self, credentials: Credentials) -> None:
        """Ask `credentials`, which renew themselves."""
        self._credentials = credentials

    def __call__(self) -> "S3Credential":
        """Return what is valid for the next minutes."""
        frozen = self._credentials.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": datetime.now(UTC) + RENEW,
        }
