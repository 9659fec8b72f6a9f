"""Where an S3 store is and who asks: the settings that boto3 and the AWS CLI read.

Read through botocore, so that all of these work as they do there: AWS_ACCESS_KEY_ID and its kin,
AWS_PROFILE, ~/.aws/config and ~/.aws/credentials, assumed roles, web identity (IRSA), container and
instance credentials, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3, AWS_REGION and AWS_DEFAULT_REGION,
AWS_CA_BUNDLE, AWS_MAX_ATTEMPTS, and of the `s3` section of a profile addressing_style,
multipart_chunksize and max_concurrent_requests.
"""

import dataclasses
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, cast
from urllib.parse import urlsplit

import botocore.exceptions
import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider

from codekiln.core import address
from codekiln.core.errors import InputError, ServiceError

MIB = 1 << 20
PART_BYTES = 8 * MIB
"""Up to 80 GB; a larger object gets larger parts."""
LEAST_PART = 5 * MIB
"""S3 takes no smaller part but the last."""
CONCURRENCY = 16
"""Parts in flight: 128 MiB of memory, and more than one connection's worth of a fast link."""
ATTEMPTS = 8
REGION = "us-east-1"
"""What a store that knows no regions is told."""

NO_CREDENTIALS = (
    "no S3 credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
)


class Frozen(Protocol):
    """Credentials at one moment."""

    access_key: str
    secret_key: str
    token: str | None


class Credentials(Protocol):
    """Credentials that botocore renews by itself."""

    def get_frozen_credentials(self) -> Frozen:
        """Return what is valid now, and for minutes to come."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account:
    """How to reach a store; no secret shows in its repr."""

    endpoint: str | None
    """None is AWS itself."""
    region: str
    credentials: Credentials = dataclasses.field(repr=False)
    ca_bundle: bytes | None = dataclasses.field(default=None, repr=False)
    """Certificates, as PEM, to trust beside the system's."""
    addressing: Literal["path", "virtual"] = "path"
    part_bytes: int = PART_BYTES
    concurrency: int = CONCURRENCY
    attempts: int = ATTEMPTS

    @property
    def place(self) -> str:
        """Return the endpoint as a message shows it: without user or password."""
        if not self.endpoint:
            return f"AWS S3 in {self.region}"
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def account() -> Account:
    """Return what the settings of this process say, or raise InputError for what they lack.

    ServiceError: credentials are to be had from a service that did not answer.
    """
    # What it says while it looks for faults holds session tokens.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    session = botocore.session.get_session()
    try:
        attempts = _attempts(session)
        profile: dict[str, Any] = session.get_scoped_config()
        transfer = profile.get("s3") or {}
        endpoint = _endpoint(session, profile)
        return Account(
            endpoint=endpoint,
            region=_region(session),
            credentials=_credentials(session),
            ca_bundle=_certificates(session.get_config_variable("ca_bundle")),
            addressing=_addressing(transfer.get("addressing_style"), endpoint),
            part_bytes=max(LEAST_PART, _size(transfer, "multipart_chunksize", PART_BYTES)),
            concurrency=_size(transfer, "max_concurrent_requests", CONCURRENCY),
            attempts=attempts,
        )
    except botocore.exceptions.BotoCoreError as error:
        # What botocore says of settings names files, profiles and variables, never their secrets.
        raise InputError(f"AWS settings: {' '.join(str(error).split())}") from error


def _endpoint(session: botocore.session.Session, profile: Mapping[str, Any]) -> str | None:
    """Return the endpoint that the settings name; None is AWS."""
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    provider = ConfiguredEndpointProvider(session.full_config, profile, "s3")
    endpoint = cast("str | None", provider.provide())
    if not endpoint:
        return None
    if not address.is_http(endpoint) or urlsplit(endpoint).username is not None:
        raise InputError(
            "AWS_ENDPOINT_URL (or endpoint_url of the profile) must be http://HOST:PORT or "
            "https://HOST:PORT, with no user in it"
        )
    return endpoint.rstrip("/")


def _credentials(session: botocore.session.Session) -> Credentials:
    """Find credentials, and ask once for what they are, so that what is wrong is told now."""
    try:
        found = session.get_credentials()
        if found is None:
            raise InputError(NO_CREDENTIALS)
        _refuse_untidy(found.get_frozen_credentials())
    except botocore.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        raise InputError(
            f"the service that gives S3 credentials refused: {code}; check the role, the profile "
            "or the service account of this pod"
        ) from error
    except (
        botocore.exceptions.HTTPClientError,
        botocore.exceptions.ConnectionError,
        botocore.exceptions.MetadataRetrievalError,
    ) as error:
        raise ServiceError(
            "the service that gives S3 credentials does not answer; try again, or set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from error
    return cast("Credentials", found)


def _refuse_untidy(frozen: Frozen) -> None:
    """Raise InputError for credentials that no request can carry, as a line end at their end."""
    told = {
        "AWS_ACCESS_KEY_ID": frozen.access_key,
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
        "AWS_SESSION_TOKEN": frozen.token or "",
    }
    for name, value in told.items():
        if not (value.isascii() and value.isprintable()) or " " in value:
            # Not said: it is a secret all the same.
            raise InputError(
                f"{name} (or what the profile says of it) holds a space, a line end or another "
                "character that no key has: write it anew without"
            )


def _region(session: botocore.session.Session) -> str:
    """Return the region that requests are signed for."""
    told = os.environ.get("AWS_REGION") or session.get_config_variable("region") or REGION
    if str(told).split() != [told]:
        raise InputError(f"AWS_REGION (or region of the profile) is {told!r}; one is us-east-1")
    return str(told)


def _attempts(session: botocore.session.Session) -> int:
    """Return how often a request is sent at the most."""
    try:
        told = int(session.get_config_variable("max_attempts") or ATTEMPTS)
    except ValueError:
        told = 0
    if told < 1:
        raise InputError(
            "AWS_MAX_ATTEMPTS (or max_attempts of the profile) must be a whole number from 1 on"
        )
    return told


def _certificates(path: str | None) -> bytes | None:
    if not path:
        return None
    try:
        found = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"AWS_CA_BUNDLE (or ca_bundle of the profile) is {path}: {error.strerror}; name a file "
            "of certificates in PEM"
        ) from error
    if b"-----BEGIN CERTIFICATE-----" not in found:
        raise InputError(f"AWS_CA_BUNDLE is {path}, which holds no certificate in PEM")
    return found


def _addressing(style: str | None, endpoint: str | None) -> Literal["path", "virtual"]:
    """Put the bucket into the path, except on AWS: other stores seldom have a name a bucket."""
    if style in ("path", "virtual"):
        return cast('Literal["path", "virtual"]', style)
    return "path" if endpoint else "virtual"


UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
"""As the AWS CLI reads them."""


def _size(told: Mapping[str, Any], name: str, default: int) -> int:
    """Read a count, or a size such as 64MB, as the AWS CLI does."""
    text = str(told.get(name, default)).strip().upper().replace("IB", "B")
    digits = text.rstrip("BKMGT")
    unit = UNITS.get(text[len(digits) :])
    if not digits.isdecimal() or unit is None or int(digits) < 1:
        raise InputError(f"{name} of the AWS settings is {text!r}; give one such as 16 or 64MB")
    return int(digits) * unit
