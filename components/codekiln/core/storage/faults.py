"""What an S3 store refused, in one line that says what to do; no secret, and no raw answer, in it.

The client hands over the store's XML answer as text; its <Code> tells most. A message is made from
the code, the endpoint and the name alone.
"""

import dataclasses
import re

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.storage.objects import MissingError

CODE = re.compile(r"<Code>(\w+)</Code>")
STATUS = re.compile(r"status code: (\d{3})")
RETRIES = re.compile(r"\bretries: (\d+)")
CERTIFICATE = re.compile(r"InvalidCertificate\(\s*(\w+)")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """What was asked of which store."""

    place: str
    """The endpoint, without user or password."""
    bucket: str
    uri: str
    """The object or folder."""


MENDED_BY_USER = {
    "NoSuchBucket": "{place} has no bucket {bucket}; create it, or name another",
    "InvalidBucketName": "{bucket} is no name for a bucket at {place}: use 3 to 63 of a-z 0-9 - .",
    "InvalidAccessKeyId": "{place} does not know the access key: check AWS_ACCESS_KEY_ID (or "
    "AWS_PROFILE) and AWS_ENDPOINT_URL",
    "SignatureDoesNotMatch": "{place} refuses the signature: AWS_SECRET_ACCESS_KEY is not the one "
    "of AWS_ACCESS_KEY_ID",
    "ExpiredToken": "the S3 credentials have expired at {place}: get new ones",
    "InvalidToken": "{place} refuses AWS_SESSION_TOKEN: get new credentials, or unset it",
    "AccessDenied": "{place} does not allow that on {uri}: give these credentials the right to "
    "list, read, write and delete there",
    "RequestTimeTooSkewed": "the clock of this machine and that of {place} are too far apart: set "
    "the clock (NTP), then run again",
    "QuotaExceeded": "no space left for {uri}: the quota at {place} is used up; free some or raise "
    "it, then run again",
    "XMinioStorageFull": "no space left for {uri}: the disks of {place} are full; free some, then "
    "run again",
    "EntityTooLarge": "{uri} is larger than {place} takes; raise multipart_chunksize, or split it",
    "AuthorizationHeaderMalformed": "{place} is in another region: set AWS_REGION",
    "PermanentRedirect": "{bucket} is in another region than {place}: set AWS_REGION",
    "IllegalLocationConstraintException": "{bucket} is in another region than {place}: set "
    "AWS_REGION",
    "NotImplemented": "{place} lacks something that is needed for {uri}; use a store that can "
    "create an object only if it is not there (If-None-Match)",
    "MethodNotAllowed": "{place} is no S3 store: check AWS_ENDPOINT_URL",
}
"""The same run would fail again."""

BY_STATUS = {
    "301": "PermanentRedirect",
    "401": "AccessDenied",
    "403": "AccessDenied",
    "405": "MethodNotAllowed",
    "501": "NotImplemented",
    "507": "XMinioStorageFull",
}
"""For answers without a code, as those to HEAD requests are, and for codes not listed above."""


PASSING = {"408", "409", "425", "429"}
"""Answers of the 400s that a later try may not get."""


class BrokenError(ServiceError):
    """A transfer broke in a way that the client does not try again by itself."""


def of(error: Exception, where: Where) -> CodekilnError:
    """Say what `error` of the client means to the user."""
    text = str(error)
    code, status = _found(CODE, text), _found(STATUS, text)
    if isinstance(error, FileNotFoundError) and code in ("", "NoSuchKey"):
        return MissingError(f"there is no {where.uri} at {where.place}")
    known = code if code in MENDED_BY_USER else BY_STATUS.get(status, "")
    if known:
        told = {"place": where.place, "bucket": where.bucket, "uri": where.uri}
        return InputError(MENDED_BY_USER[known].format(**told))
    if status:
        return _of_answer(code or status, status, where)
    return _of_connection(text, where)


def was_tried_once(error: Exception) -> bool:
    """Say whether the client is known to have sent its request a single time."""
    return _found(RETRIES, str(error)) == "0"


def _of_answer(code: str, status: str, where: Where) -> CodekilnError:
    if status[0] == "4" and status not in PASSING and code != "NoSuchUpload":
        return InputError(
            f"{where.place} refuses {where.uri} ({code}): check AWS_ENDPOINT_URL, its http or "
            "https, and the name"
        )
    return ServiceError(f"{where.place} cannot serve {where.uri} now ({code}); try again later")


def _of_connection(text: str, where: Where) -> CodekilnError:
    if "credential provider" in text:
        return ServiceError(
            f"the S3 credentials for {where.place} could not be renewed; check the service that "
            "gives them, then try again"
        )
    if "InvalidPath" in text:
        return InputError(
            f"an object under {where.uri} has an empty part in its name (//), as no file has; "
            "remove it, or give another prefix"
        )
    certificate = _found(CERTIFICATE, text)
    if certificate:
        return InputError(
            f"the certificate of {where.place} is not trusted ({certificate}): set AWS_CA_BUNDLE "
            "to a file with the authority that signed it, and AWS_ENDPOINT_URL to its name"
        )
    if "InvalidContentType" in text:
        return InputError(f"{where.place} speaks no TLS: write http:// in AWS_ENDPOINT_URL")
    if "error sending request" in text:
        return ServiceError(
            f"cannot reach {where.place}: check AWS_ENDPOINT_URL and the network, then try again"
        )
    return BrokenError(f"the transfer of {where.uri} from or to {where.place} broke; try again")


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
