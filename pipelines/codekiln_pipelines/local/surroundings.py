"""Which network and which variables a step as a container gets: none but what it needs.

A step has a network where something that it is told lies elsewhere (a URL, a bucket), and where it
talks to GitHub. With it come the settings of S3 clients and of proxies; without it they stay
outside. A token of GitHub's, and the key of placeholders, are for those steps alone that need one.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from codekiln.core.errors import InputError
from codekiln.core.git import repository
from codekiln.core.storage.objects import is_remote
from codekiln_pipelines.cluster import GITHUB_SECRETS, GITHUB_SETTINGS, MASKING_KEY, NEEDS
from codekiln_pipelines.local import told
from codekiln_pipelines.local.step import Step

NOWHERE, USUAL, HOST = "none", "usual", "host"
ALWAYS = re.compile(r"^(CODEKILN_\w+|OMP_NUM_THREADS|OMP_WAIT_POLICY)$")
REMOTE = re.compile(
    r"^(AWS_\w+|(https?|all|no)_proxy|SSL_CERT_FILE|GIT_SSL_CAINFO)$", re.IGNORECASE
)
"""Names that boto3, git and Python's own clients read."""
PROXY = re.compile(r"^(https?|all)_proxy$", re.IGNORECASE)
ELSEWHERE = re.compile(r"^(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
GITHUB = frozenset((*GITHUB_SECRETS, *GITHUB_SETTINGS, "GH_TOKEN", "GITHUB_APP_PRIVATE_KEY_FILE"))
HOME_FILES = {
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CONFIG_FILE": "~/.aws/config",
}


def network_of(
    step: Step, variables: Mapping[str, str], endpoint_of: Callable[[], str | None]
) -> str:
    """Return the network that `step` needs: NOWHERE, USUAL, or HOST for a server of this machine.

    `endpoint_of` tells where S3 is, None for AWS; it is asked only if need be. Raises InputError
    for a repository over ssh, for a container has no key of the user's.
    """
    texts = (*told.words(step), *told.referred(step))
    places = [text for text in texts if is_elsewhere(text)]
    for place in places:
        if place.startswith("ssh://") or "://" not in place:
            raise InputError(
                f"{place} is read over ssh, and a container has none of your keys: give the https "
                "URL, clone it and give the folder, or run without --containers"
            )
    if not places and not asks_github(step):
        return NOWHERE
    servers = [place for place in places if not is_remote(place)]
    servers += [value for name, value in variables.items() if PROXY.match(name)]
    if asks_github(step):
        servers += [variables[name] for name in GITHUB_SETTINGS if name in variables]
    if any(is_remote(place) for place in places):
        servers.append(endpoint_of() or "")
    return HOST if any(is_loopback(host_of(server)) for server in servers) else USUAL


def host_of(url: str) -> str:
    """Return the host in `url`; empty if there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_elsewhere(text: str) -> bool:
    """Say whether `text` names something that is not on this machine."""
    if ELSEWHERE.match(text):
        return True
    return bool(repository.URL.match(text)) and not text.startswith("file:")


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def asks_github(step: Step) -> bool:
    """Say whether `step` talks to GitHub."""
    return step.phase in NEEDS and NEEDS[step.phase].github


def passed(step: Step, network: str, variables: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that `step` on `network` gets from the user's own."""
    names = [name for name in variables if ALWAYS.match(name) and name != MASKING_KEY]
    if step.phase in NEEDS and NEEDS[step.phase].masking and MASKING_KEY in variables:
        names.append(MASKING_KEY)
    if network != NOWHERE:
        names += [name for name in variables if REMOTE.match(name)]
    if asks_github(step):
        names += [name for name in variables if name in GITHUB]
    return sorted(names)


def home_files(network: str, variables: Mapping[str, str]) -> dict[str, Path]:
    """Return the files of S3 settings that boto3 finds at home, by the variable that names them."""
    known = {name: Path(place).expanduser() for name, place in HOME_FILES.items()}
    return {
        name: path
        for name, path in known.items()
        if network != NOWHERE and name not in variables and path.is_file()
    }


def named_files(names: Iterable[str], variables: Mapping[str, str]) -> list[Path]:
    """Return the files that variables name: certificates, credentials, tokens."""
    paths = (Path(variables[name]) for name in names)
    return [path for path in paths if path.is_absolute() and path.is_file()]
