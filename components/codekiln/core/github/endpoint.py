"""Where GitHub is: github.com, an Enterprise server, or a test double.

The variables are GitHub's own (its runners set them): GITHUB_API_URL, GITHUB_GRAPHQL_URL and
GITHUB_SERVER_URL. One of them is enough; the others follow from it as GitHub documents them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from codekiln.core import address
from codekiln.core.errors import InputError

API_URL = "GITHUB_API_URL"
GRAPHQL_URL = "GITHUB_GRAPHQL_URL"
SERVER_URL = "GITHUB_SERVER_URL"
GITHUB_API = "https://api.github.com"
ENTERPRISE_REST = "/api/v3"
"""Path of the REST API on an Enterprise server; its GraphQL API is at /api/graphql."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The three addresses of one GitHub, none with a slash at its end."""

    api_url: str = GITHUB_API
    graphql_url: str = f"{GITHUB_API}/graphql"
    server_url: str = "https://github.com"

    def git_url(self, name: str) -> str:
        """Return the address from which git fetches the repository `name` (owner/name)."""
        return f"{self.server_url}/{name}.git"


def endpoint(environ: Mapping[str, str]) -> Endpoint:
    """Read the addresses from `environ`; raise InputError for one that cannot be used."""
    told = {name: _checked(name, environ.get(name, "")) for name in (API_URL, GRAPHQL_URL)}
    server = _checked(SERVER_URL, environ.get(SERVER_URL, ""))
    api = told[API_URL] or _api_of(server)
    return Endpoint(
        api_url=api,
        graphql_url=told[GRAPHQL_URL] or _graphql_of(api),
        server_url=server or _server_of(api),
    )


def _checked(name: str, url: str) -> str:
    """Return `url` without a slash at its end, or raise InputError; never shows what is in it."""
    url = url.strip().rstrip("/")
    if not url:
        return ""
    if not address.is_http(url):
        raise InputError(f"{name} is no address: give one like https://api.github.com, or unset it")
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"{name} holds more than an address: leave out user, password, ? and #, and give the "
            "token as GITHUB_TOKEN"
        )
    return url


def _api_of(server: str) -> str:
    parts = urlsplit(server)
    host = parts.hostname or ""
    if not server or host == "github.com":
        return GITHUB_API
    if host.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return server + ENTERPRISE_REST


def _graphql_of(api: str) -> str:
    if api.endswith(ENTERPRISE_REST):
        return api.removesuffix("/v3") + "/graphql"
    return f"{api}/graphql"


def _server_of(api: str) -> str:
    if api.endswith(ENTERPRISE_REST):
        return api.removesuffix(ENTERPRISE_REST)
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
