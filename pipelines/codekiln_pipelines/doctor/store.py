"""The S3 store: a round trip of what runs do to it, in a folder of its own that is removed."""

import dataclasses
import email.utils
import os
import secrets
import shutil
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.objects import Objects, is_remote, local_path, open_store, place_of
from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn

if TYPE_CHECKING:
    from codekiln.core.storage.aws import Account

TO_USE_IT = (
    "to use it set AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and give "
    "--store s3://BUCKET/PREFIX"
)
PARTS = 3
SMALL = 4096
ANSWER_S = 5.0
ATTEMPTS = 2
"""Of each request; a run is more patient."""
SKEW_WARN_S, SKEW_FAIL_S = 60.0, 900.0
"""S3 refuses a signature that is a quarter of an hour off."""
SOURCES = {
    "env": "the environment",
    "shared-credentials-file": "~/.aws/credentials",
    "config-file": "~/.aws/config",
    "assume-role": "an assumed role",
    "assume-role-with-web-identity": "the web identity of this pod",
    "container-role": "the container's role",
    "iam-role": "the machine's role",
    "sso": "single sign-on",
    "custom-process": "a program named in ~/.aws/config",
}
"""What botocore calls the places where it finds credentials."""

Open = Callable[[str], Objects]


class Store:
    """The checks of one store; the first of them opens it."""

    def __init__(self, uri: Callable[[], str | None], opened: Open | None = None) -> None:
        """Look at the store that `uri` returns, if any."""
        self._uri, self._open = uri, opened or opened_for_a_look
        self._objects: Objects | None = None
        self._account: Account | None = None
        self._touched = False
        self._sent = secrets.token_bytes(SMALL)

    @property
    def objects(self) -> Objects:
        """Return the folder of this look; only after the gate."""
        if self._objects is None:
            raise InputError("no store is open")
        return self._objects

    def settings(self) -> Finding:
        """Find out which store, and who asks."""
        uri = self._uri()
        if uri is None:
            return skip("not configured: local runs need none", TO_USE_IT)
        if is_remote(uri):
            from codekiln.core.storage import aws

            place_of(uri)
            self._account = aws.account()
        self._objects = self._open(f"{uri.rstrip('/')}/.codekiln-doctor-{secrets.token_hex(4)}")
        return ok(f"{uri}{about(self._account)}")

    def endpoint(self) -> Finding:
        """Ask for an answer, whatever it is, and compare clocks."""
        if self._account is None:
            return ok("a local folder")
        began = time.monotonic()
        headers = headers_of(url_of(self._account), self._account.ca_bundle)
        took = time.monotonic() - began
        return judged_clock(self._account.place, took, headers.get("Date"), datetime.now(UTC))

    def bucket(self) -> Finding:
        """List the folder of this look, which is empty."""
        list(self.objects.names())
        return ok("the bucket is there and can be listed")

    def write(self) -> Finding:
        """Write a small object and read it back."""
        self._touched = True
        self.objects.write("small", self._sent)
        came = self.objects.read("small")
        return same(self._sent, came, f"{SMALL} bytes written and read back, checksum equal")

    def part(self) -> Finding:
        """Read from the middle of the object."""
        came = self.objects.read_range("small", 1000, 1100)
        return same(self._sent[1000:1100], came, "100 bytes from the middle read")

    def multipart(self) -> Finding:
        """Send a file in several parts, and fetch it."""
        from codekiln.core.storage.aws import LEAST_PART, MIB

        size = (PARTS - 1) * LEAST_PART + MIB
        with tempfile.TemporaryDirectory(prefix="codekiln-doctor-") as scratch:
            sent, came = Path(scratch, "sent"), Path(scratch, "came")
            sent.write_bytes(os.urandom(size))
            seconds = [
                taken(lambda: self.objects.upload("large", sent)),
                taken(lambda: self.objects.download("large", came)),
            ]
            up, down = (size / MIB / second for second in seconds)
            told = f"{size // MIB} MiB in {PARTS} parts: {up:.0f} MiB/s up, {down:.0f} MiB/s down"
            return same(sent.read_bytes(), came.read_bytes(), f"{told}, checksum equal")

    def create(self) -> Finding:
        """Let writers race to create one object: one may win."""
        from codekiln.core.storage import probe

        probe.refuse_racy(self.objects)
        told = f"one of {probe.WRITERS} writers wins, {probe.ROUNDS} times of {probe.ROUNDS}"
        return ok(f"an object is created once only: {told}")

    def delete(self) -> Finding:
        """Remove all that was written, and see that it is gone."""
        names = list(self.objects.names())
        for name in names:
            self.objects.delete(name)
        left = list(self.objects.names())
        self._touched = bool(left)
        if left:
            return fail(
                f"{len(left)} of {len(names)} objects are still there after they were deleted",
                f"give these credentials the right to delete; remove {self.objects.uri} by hand",
            )
        if self._account is None:
            # S3 knows no folders; here they are left when the last file is gone.
            shutil.rmtree(local_path(self.objects.uri), ignore_errors=True)
        return ok(f"{len(names)} objects removed, nothing is left of this look")

    def close(self) -> None:
        """Remove what a failed check left behind."""
        if self._touched:
            self.delete()


def subject(uri: Callable[[], str | None], *, asked: bool, opened: Open | None = None) -> Subject:
    """Return the checks of the store that `uri` returns; it may ask a cluster for it."""
    of = Store(uri, opened)
    known = "set AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as the store wants"
    slow = (
        "look whether the network to the store is slow, or the store overloaded, and remove what "
        "is left of .codekiln-doctor-* there"
    )
    return Subject(
        name="store",
        asked=asked,
        close=of.close,
        checks=[
            Check(name="store.settings", look=of.settings, gates=True, remedy=known),
            Check(name="store.endpoint", look=of.endpoint, gates=True, remedy=known),
            Check(name="store.bucket", look=of.bucket, gates=True, remedy=known),
            Check(name="store.write", look=of.write, gates=True, remedy=known),
            Check(name="store.range", look=of.part, remedy=slow),
            Check(name="store.multipart", look=of.multipart, limit_s=90, remedy=slow),
            Check(name="store.create", look=of.create, limit_s=60, remedy=slow),
            Check(name="store.delete", look=of.delete, remedy=slow),
        ],
    )


def opened_for_a_look(uri: str) -> Objects:
    """Open `uri` with small parts, so that few bytes make several, and little patience."""
    if not is_remote(uri):
        return open_store(uri)
    from codekiln.core.storage import aws, s3

    impatient = dataclasses.replace(aws.account(), part_bytes=aws.LEAST_PART, attempts=ATTEMPTS)
    bucket, prefix = place_of(uri)
    return s3.S3(uri.partition("://")[0], bucket, prefix, impatient)


def about(account: "Account | None") -> str:
    """Say where a store is and who asks, but never with which key."""
    if account is None:
        return ""
    method = getattr(account.credentials, "method", "unknown")
    return f" at {account.place}, credentials from {SOURCES.get(method, method)}"


def url_of(account: "Account") -> str:
    """Return where the store listens."""
    if account.endpoint:
        return account.endpoint
    end = "com.cn" if account.region.startswith("cn-") else "com"
    return f"https://s3.{account.region}.amazonaws.{end}"


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def headers_of(url: str, ca_bundle: bytes | None) -> Message:
    """Return the headers of whatever `url` answers; raises InputError, ServiceError."""
    context = ssl.create_default_context()
    if ca_bundle:
        context.load_verify_locations(cadata=ca_bundle.decode("ascii", "ignore"))
    opener = urllib.request.build_opener(_Unmoved(), urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 -- aws lets http(s) pass
    try:
        with opener.open(request, timeout=ANSWER_S) as answer:
            headers: Message = answer.headers
            return headers
    except urllib.error.HTTPError as error:
        with error:
            return error.headers
    except (OSError, HTTPException) as error:
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> InputError | ServiceError:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return InputError(
            f"the certificate of {url} is not trusted ({reason.verify_message}); "
            "set AWS_CA_BUNDLE to a file with the authority that signed it"
        )
    told = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return ServiceError(f"cannot reach {url} ({told}); check AWS_ENDPOINT_URL and the network")


def judged_clock(place: str, took_s: float, date: str | None, now: datetime) -> Finding:
    """Judge how far the clock of this machine and that of the store are apart."""
    told = f"{place} answers in {took_s * 1000:.0f} ms"
    if date is None:
        return ok(f"{told}, and tells no time")
    skew = abs((now - email.utils.parsedate_to_datetime(date)).total_seconds())
    # The Date header knows whole seconds only.
    if skew <= SKEW_WARN_S:
        return ok(f"{told}; clocks are {max(0.0, skew - 1):.0f} s apart")
    judge = fail if skew >= SKEW_FAIL_S else warn
    return judge(
        f"{told}; clocks are {skew:.0f} s apart, and S3 refuses {SKEW_FAIL_S:.0f} s",
        "set the clock: sudo timedatectl set-ntp true",
    )


def taken(work: Callable[[], None]) -> float:
    """Return the seconds that `work` took."""
    began = time.monotonic()
    work()
    return max(time.monotonic() - began, 1e-6)


def same(sent: bytes, came: bytes, told: str) -> Finding:
    """Judge whether what came back is what was sent."""
    if sent != came:
        return fail(
            f"{len(sent)} bytes were sent, and other {len(came)} came back",
            "use another store, or look for a proxy between that changes bytes",
        )
    return ok(told)
