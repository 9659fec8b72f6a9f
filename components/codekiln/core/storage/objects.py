"""What every store can do, and which store a URI means."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from codekiln.core.errors import InputError

S3_SCHEMES = ("s3", "minio")
"""`minio` is what Kubeflow writes for a store of its own; it speaks S3 like any other."""


class ConflictError(InputError):
    """An object was to be created and is there already."""


class MissingError(InputError):
    """An object was to be read and is not there."""


class DamagedError(InputError):
    """What came back is not what was written, however often it is read."""


class Objects(Protocol):
    """Named byte strings; each is written whole or not at all.

    A name is a relative path: parts joined by slashes, none of them empty, `.` or `..`. All methods
    may be called from several threads. ServiceError means that a later try may do better.
    """

    uri: str

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names under `prefix`, sorted."""

    def size(self, name: str) -> int:
        """Return the number of bytes of `name`; raises MissingError if there is none."""

    def read(self, name: str) -> bytes:
        """Return the bytes of `name`; raises MissingError if there is none, DamagedError."""

    def read_range(self, name: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, fewer where `name` ends before."""

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        """Write `data` under `name`; with `create`, raises ConflictError if it is there already."""

    def upload(self, name: str, path: Path, *, sha256: str | None = None) -> None:
        """Write the file `path` under `name`; memory does not grow with the file.

        Whoever knows the digest of the file may tell it, which saves reading the file twice.
        """

    def download(self, name: str, path: Path) -> None:
        """Write `name` into the file `path`, which is there whole or not at all; errors as read."""

    def delete(self, name: str) -> None:
        """Remove `name`; nothing happens if there is none."""

    def drop_unfinished(self) -> None:
        """Remove what is left of writes that never ended; for whoever alone writes here."""

    def location(self, name: str) -> str:
        """Return where a person finds `name`."""


def open_store(uri: str) -> Objects:
    """Return the store that `uri` means: a path, file:///path, s3://bucket/prefix, minio://...

    Where and as whom an S3 store is reached is told as boto3 and the AWS CLI are told it: see
    `aws.account`. Raises InputError for a URI or settings that cannot be used.
    """
    # The client of S3 is loaded by those who use it.
    from codekiln.core.storage.local import LocalFolder

    if not is_remote(uri):
        return LocalFolder(local_path(uri))
    from codekiln.core.storage.aws import account
    from codekiln.core.storage.s3 import S3

    bucket, prefix = place_of(uri)
    return S3(urlsplit(uri).scheme, bucket, prefix, account())


def is_remote(uri: str) -> bool:
    """Say whether `uri` is of an S3 store."""
    return uri.partition("://")[0] in S3_SCHEMES and "://" in uri


def place_of(uri: str) -> tuple[str, str]:
    """Return the bucket and the prefix of an S3 URI; raises InputError."""
    scheme, _, rest = uri.partition("://")
    bucket, _, prefix = rest.partition("/")
    if "@" in bucket or ":" in bucket:
        # Said without the URI: what stands before the @ may be a secret.
        raise InputError(
            f"a {scheme}:// URI names a bucket and a prefix, no user, password or port; set "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL"
        )
    if not bucket:
        raise InputError(f"{uri} names no bucket; write {scheme}://BUCKET/PREFIX")
    if "?" in prefix or "#" in prefix:
        raise InputError(
            f"{scheme}://{bucket} is followed by a ? or #; set AWS_ENDPOINT_URL and AWS_REGION "
            f"instead, and write {scheme}://BUCKET/PREFIX"
        )
    prefix = prefix.strip("/")
    if prefix:
        check_name(prefix, f"{scheme}://{bucket}")
    return bucket, prefix


def check_name(name: str, uri: str) -> None:
    """Raise InputError unless `name` is a relative path that stays inside."""
    if any(part in ("", ".", "..") for part in name.split("/")):
        raise InputError(f"{name!r} lies outside {uri}, or is no name: use parts joined by slashes")


def local_path(uri: str) -> Path:
    """Return the folder that `uri` means: a path, or file:///path; raises InputError on others."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if "://" in uri:
        raise InputError(
            f"{parts.scheme}:// is no store that is known here; give a path, file:///path or "
            "s3://BUCKET/PREFIX"
        )
    return Path(uri)
