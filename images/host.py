"""What a build borrows from this machine: pip's settings, certificates, proxies, folders of wheels.

All of it reaches the build stages as secrets and mounts; nothing of it is written into an image.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SECRETS = Path("/run/secrets")
"""Where the Containerfile's build stages look for the files below."""

CARRIED = frozenset(
    {"index-url", "extra-index-url", "find-links", "trusted-host", "no-index", "proxy", "retries"}
    | {"timeout", "default-timeout"}
)
"""The settings of pip that say where to look; those that say what to do are the Containerfile's."""

BUNDLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name a file of certificates, in the order in which they are asked."""

PROXIES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Host:
    """What is borrowed: files by the names of their secrets, folders, proxies by variable."""

    secrets: Mapping[str, bytes]
    folders: tuple[Path, ...]
    proxies: Mapping[str, str]


def this_host() -> Host:
    """Read what this machine has; what it lacks is left out."""
    settings = pip_settings(said(sys.executable, "-m", "pip", "config", "list"))
    bundle = certificates(os.environ, settings)
    secrets = {
        "pip.conf": pip_conf(settings, certified=bundle is not None).encode(),
        "apt.conf": apt_conf(said("apt-config", "dump"), certified=bundle is not None).encode(),
    }
    if bundle is not None:
        secrets["ca.pem"] = bundle.read_bytes()
    return Host(secrets, tuple(folders(settings)), proxies(os.environ))


def said(*command: str) -> str:
    """Return what `command` prints; nothing where it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""


def pip_settings(listing: str) -> dict[str, str]:
    """Parse `pip config list`: `section.key='value'` a line, the environment as section `:env:`."""
    found = re.findall(r"^([^.=]+)\.([^=]+)=(.*)$", listing, re.MULTILINE)
    # the environment counts for more than a file
    found.sort(key=lambda entry: entry[0] == ":env:")
    return {key: " ".join(str(ast.literal_eval(value)).split()) for _, key, value in found}


def pip_conf(settings: Mapping[str, str], *, certified: bool) -> str:
    """Write what of `settings` says where to look, for the build stages' pip."""
    lines = [f"{key} = {settings[key]}" for key in sorted(CARRIED & settings.keys())]
    if certified:
        lines.append(f"cert = {SECRETS}/ca.pem")
    return "\n".join(["[global]", *lines, ""])


def apt_conf(dump: str, *, certified: bool) -> str:
    """Keep the proxies of `apt-config dump`, and name the certificates."""
    kept = re.findall(r"^Acquire::https?::Proxy\S* .*$", dump, re.MULTILINE)
    if certified:
        kept.append(f'Acquire::https::CAInfo "{SECRETS}/ca.pem";')
    return "\n".join([*kept, ""])


def certificates(environ: Mapping[str, str], settings: Mapping[str, str]) -> Path | None:
    """Find the file of certificates that this machine's programs trust, if one is named."""
    named = [settings.get("cert", ""), *(environ.get(name, "") for name in BUNDLES)]
    return next((Path(name) for name in named if name and Path(name).is_file()), None)


def folders(settings: Mapping[str, str]) -> Iterator[Path]:
    """List the folders of this machine in which pip looks for wheels."""
    for key in ("find-links", "index-url", "extra-index-url"):
        for place in settings.get(key, "").split():
            folder = Path(place.removeprefix("file://"))
            # pages of an index called `simple` point at files beside it
            folder = folder.parent if folder.name == "simple" else folder
            if folder.is_absolute() and folder.is_dir():
                yield folder


def proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Collect the proxy variables, in the lower case that every program reads."""
    found = {name: environ.get(name, environ.get(name.upper(), "")) for name in PROXIES}
    return {name: value for name, value in found.items() if value}
