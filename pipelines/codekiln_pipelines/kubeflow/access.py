"""Where Kubeflow is and who asks: from flags, then the environment, then the pod we are in.

A token is read anew for each request, so that one renewed in its file is used at once. It is
never an argument of a command, never printed, and never part of an address.
"""

import dataclasses
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from codekiln.core import address, flags
from codekiln.core.errors import InputError

ENDPOINTS = ("KFP_ENDPOINT", "KF_PIPELINES_ENDPOINT")
"""Variables that hold the address; the second is kfp.Client's own."""
PAGES = "KF_PIPELINES_UI_ENDPOINT"
NAMESPACE = "KFP_NAMESPACE"
TOKEN = "KFP_TOKEN"  # noqa: S105 -- the name of a variable
TOKEN_FILE = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105 -- the name of a variable

POD_TOKEN = Path("/var/run/secrets/kubeflow/pipelines/token")
"""Where Kubeflow's PodDefault projects a token for its API."""
POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
IN_POD = "KUBERNETES_SERVICE_HOST"
"""A variable that every pod has."""

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
API_PORT = 8888
"""Port of svc/ml-pipeline that speaks HTTP."""

Token = Callable[[], str | None]
"""Returns the token of now, or None where none is asked for."""


class Told(Protocol):
    """The flags that `add_flags` adds."""

    endpoint: str | None
    namespace: str | None
    token_file: str | None
    port_forward: bool
    kube_context: str | None
    kubeflow_namespace: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Access:
    """How to reach one Kubeflow."""

    endpoint: str | None
    """Address of the API; None for a port-forward."""
    pages: str | None
    """Address of the pages, for links; None if only the API is known."""
    namespace: str | None
    """Namespace of the user, where Kubeflow serves many."""
    token: Token
    token_source: str
    """Where the token comes from, in words."""
    token_renews: bool
    """Whether another token may lie there later."""
    kubeconfig: str | None
    """As in the variable KUBECONFIG."""
    kube_context: str | None
    kubeflow_namespace: str
    """Where Kubeflow itself is installed."""
    ca_file: str | None
    """Certificates to trust; None for the usual ones."""
    proxy: str | None = dataclasses.field(repr=False)
    """Address of the proxy on the way, if there is one; it may hold a user and a password."""

    @property
    def sends_token_in_the_clear(self) -> bool:
        """Tell whether a token leaves this machine, or its cluster, unencrypted."""
        parts = urlsplit(self.endpoint or "")
        host = parts.hostname or ""
        near = host in {"localhost", "127.0.0.1", "::1"} or host.endswith(
            (".svc", ".cluster.local")
        )
        return parts.scheme == "http" and not near and self.token() is not None


def add_flags(parser: flags.Parser) -> None:
    """Add the flags that say where Kubeflow is and who asks."""
    group = parser.add_argument_group("where Kubeflow is")
    group.add_argument("--endpoint", metavar="URL", help="its address (default: KFP_ENDPOINT)")
    group.add_argument(
        "--namespace",
        metavar="NAME",
        help="your namespace, where it serves many users (default: KFP_NAMESPACE)",
    )
    group.add_argument(
        "--token-file", metavar="FILE", help="file that holds a token, - for stdin (or: KFP_TOKEN)"
    )
    group.add_argument(
        "--port-forward", action="store_true", help="reach svc/ml-pipeline through your kubeconfig"
    )
    group.add_argument("--kube-context", metavar="NAME", help="context of the kubeconfig")
    group.add_argument(
        "--kubeflow-namespace",
        metavar="NAME",
        default="kubeflow",
        help="where Kubeflow itself is installed (default: kubeflow)",
    )


def of(told: Told, environ: Mapping[str, str] = os.environ) -> Access:
    """Return the access that the flags and the environment tell of; raises InputError."""
    endpoint = None if told.port_forward else endpoint_of(told, environ)
    # In a pod we know where the API is; who looks at pages sits elsewhere.
    pages = environ.get(PAGES) or (endpoint if named_endpoint(told, environ) else None)
    token, source, renews = token_of(told.token_file, environ)
    return Access(
        endpoint=endpoint,
        pages=pages.rstrip("/") if pages else None,
        namespace=told.namespace or environ.get(NAMESPACE) or _pod_namespace(environ),
        token=token,
        token_source=source,
        token_renews=renews,
        kubeconfig=environ.get("KUBECONFIG") or None,
        kube_context=told.kube_context,
        kubeflow_namespace=told.kubeflow_namespace,
        ca_file=ca_file_of(endpoint, environ),
        proxy=proxy_for(endpoint, environ) if endpoint else None,
    )


def named_endpoint(told: Told, environ: Mapping[str, str]) -> str | None:
    """Return the address that the flag or a variable names."""
    return told.endpoint or next(filter(None, map(environ.get, ENDPOINTS)), None)


def ca_file_of(endpoint: str | None, environ: Mapping[str, str]) -> str | None:
    """Return the file of the authorities to trust, None for the usual ones; InputError."""
    named = environ.get("SSL_CERT_FILE")
    if named and (endpoint or "").startswith("https://") and not os.access(named, os.R_OK):
        raise InputError(
            f"SSL_CERT_FILE names {named}, which cannot be read: name a file of certificates"
        )
    return named


def proxy_for(endpoint: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy on the way to `endpoint`, named as for curl; None if there is none.

    Raises InputError for one that our client cannot speak to.
    """
    scheme, host = urlsplit(endpoint).scheme, urlsplit(endpoint).hostname or ""
    by_case = {name.lower(): value for name, value in environ.items()}
    direct = [name.strip().lstrip(".") for name in by_case.get("no_proxy", "").split(",")]
    if any(name in {"*", host} or host.endswith(f".{name}") for name in direct if name):
        return None
    proxy = by_case.get(f"{scheme}_proxy") or by_case.get("all_proxy")
    if not proxy:
        return None
    url = proxy if "://" in proxy else f"http://{proxy}"
    if not address.is_http(url):
        # It may hold a password: only its kind is told.
        kind = url.partition("://")[0]
        raise InputError(
            f"the proxy that {scheme}_proxy or all_proxy names, {kind}://..., is none for HTTP: "
            f"give http://HOST:PORT, or name {host} in no_proxy"
        )
    return url


def endpoint_of(told: Told, environ: Mapping[str, str]) -> str:
    """Return the address that is named, or that of the cluster whose pod this is; InputError."""
    named = named_endpoint(told, environ)
    if named is None and IN_POD in environ:
        return f"http://ml-pipeline.{told.kubeflow_namespace}.svc.cluster.local:{API_PORT}"
    if named is None:
        raise InputError(
            "which Kubeflow? give --endpoint URL, set KFP_ENDPOINT, or give --port-forward "
            "to reach svc/ml-pipeline through your kubeconfig"
        )
    url = named if "://" in named else f"https://{named}"
    if "@" in url.split("/")[2]:
        raise InputError(
            "the endpoint carries a user or a password: give a token with --token-file"
        )
    if not address.is_http(url):
        raise InputError(f"the endpoint {named!r} is no address; one is https://HOST/pipeline")
    return url.split("#")[0].rstrip("/")


def token_of(file: str | None, environ: Mapping[str, str]) -> tuple[Token, str, bool]:
    """Return what reads the token, where from in words, and whether it may be renewed there."""
    if file == "-":
        # Standard input can be read once only.
        once = sys.stdin.readline()
        return (lambda: _token_in(once, "standard input")), "standard input", False
    named = file or environ.get(TOKEN_FILE)
    if named is None and environ.get(TOKEN):
        return (lambda: _token_in(environ[TOKEN], TOKEN)), TOKEN, False
    if named is None and not POD_TOKEN.is_file():
        return (lambda: None), "nowhere", False
    path = Path(named) if named else POD_TOKEN
    return (lambda: _read_token(path)), str(path), True


def _read_token(path: Path) -> str:
    try:
        return _token_in(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read a token from {path}: {error}") from error


def _token_in(text: str, source: str) -> str:
    """Return the token that `text` is; InputError if a header cannot carry it."""
    token = text.strip()
    if not (token.isascii() and token.isprintable() and len(token.split()) == 1):
        # What is there may be a secret all the same: it is not repeated.
        raise InputError(f"{source} holds no token: one line without spaces is wanted")
    return token


def _pod_namespace(environ: Mapping[str, str]) -> str | None:
    if IN_POD in environ and POD_NAMESPACE.is_file():
        return POD_NAMESPACE.read_text(encoding="utf-8").strip()
    return None
