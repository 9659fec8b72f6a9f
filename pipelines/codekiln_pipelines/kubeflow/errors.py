"""What Kubeflow's API and the way to it can answer wrongly, in one line each.

The body of an error is a google.rpc.Status, {"code", "message", "details"}: the first detail has
the message that is meant for users. Uploads answer {"error_message", "error_details"} instead,
and what stands before Kubeflow (a proxy, a load balancer) answers whatever it likes.
"""

import json
from typing import Any

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln_pipelines.kubeflow.access import Access

LONGEST = 500
"""Characters of an error that are told; the server likes to repeat whole packages."""
PASSING = {429, 502, 503, 504}


class TokenRefusedError(InputError):
    """The server knows the token no longer; another may be on its way."""


class NotThereError(InputError):
    """What was asked for does not exist, or not any more."""


class InTheWayError(InputError):
    """A thing of that name is there already."""


NEED_TOKEN = {301, 302, 303, 307, 308, 401}
"""A proxy redirects those whom it does not know to a page to log in."""
REFUSALS: dict[int, tuple[type[InputError], str]] = {
    403: (InputError, "Kubeflow refuses: {}; ask for the right, or look at --namespace and token"),
    404: (NotThereError, "Kubeflow finds nothing there: {}; look at the id and at --endpoint"),
    409: (InTheWayError, "Kubeflow has that already: {}"),
}


def in_one_line(
    error: Exception, access: Access, tunnel_problem: str | None
) -> CodekilnError | None:
    """Return what to raise for `error` of a request, or None if it is no fault of the request."""
    from kfp_server_api.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    if isinstance(error, ApiException):
        return of_status(error.status or 0, message_of(error.body) or str(error.reason), access)
    if isinstance(error, HTTPError):
        return unreachable(str(error), access, tunnel_problem)
    if isinstance(error, AttributeError) and isinstance(error.__context__, ApiException):
        # The client stumbles over an error that has no body, as all errors of TLS.
        return unreachable(str(error.__context__.reason), access, tunnel_problem)
    return None


def unreachable(reason: str, access: Access, tunnel_problem: str | None) -> CodekilnError:
    """Say that no answer came from the server, and why."""
    if tunnel_problem:
        return ServiceError(f"the port-forward to Kubeflow is down: {tunnel_problem}")
    where = access.endpoint or "Kubeflow"
    if "CERTIFICATE" in reason.upper():
        return InputError(
            f"the certificate of {where} is not trusted: {shortened(reason)}; "
            "name the file of its authority in SSL_CERT_FILE"
        )
    return ServiceError(f"{where} does not answer: {shortened(reason)}")


def of_status(status: int, message: str, access: Access) -> CodekilnError:
    """Return the error for an answer of that status."""
    told = shortened(message)
    if status in NEED_TOKEN:
        return token_refused(access)
    if status in PASSING:
        return ServiceError(f"Kubeflow does not answer ({status} {told})")
    if status >= 500:
        return ServiceError(f"Kubeflow failed ({status}): {told}")
    kind, words = REFUSALS.get(status, (InputError, "Kubeflow refuses this: {}"))
    return kind(words.format(told))


def token_refused(access: Access) -> TokenRefusedError:
    """Say that a token is wanted, or another one."""
    if access.token() is None:
        return TokenRefusedError(
            "Kubeflow wants to know who asks: give a token with --token-file or KFP_TOKEN"
        )
    return TokenRefusedError(
        f"Kubeflow does not take the token from {access.token_source}: it has expired, "
        "or is meant for something else; put a new one there"
    )


def message_of(body: Any) -> str:
    """Return the message for users in the body of an error, or "" if it has none."""
    try:
        told = json.loads(body)
        details = [found.get("message") for found in told.get("details", [])]
        spoken = [*details, told.get("error_message"), told.get("message"), told.get("error")]
        return next((str(words) for words in spoken if words), "")
    except (ValueError, TypeError, AttributeError):
        return ""


def shortened(message: str) -> str:
    """Return `message` as one line of bearable length."""
    line = " ".join(message.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."
