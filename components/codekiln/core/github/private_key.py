"""The variables of a GitHub App, and its private key."""

from collections.abc import Mapping
from pathlib import Path

from codekiln.core.errors import InputError

APP_ID = "GITHUB_APP_ID"
KEY = "GITHUB_APP_PRIVATE_KEY"
KEY_FILE = "GITHUB_APP_PRIVATE_KEY_FILE"
INSTALLATION_ID = "GITHUB_APP_INSTALLATION_ID"


def has_app(environ: Mapping[str, str]) -> bool:
    """Say whether `environ` tells of an App; raise InputError if it tells only half."""
    told = {name for name in (APP_ID, KEY, KEY_FILE) if environ.get(name, "").strip()}
    if not told:
        return False
    if APP_ID not in told or len(told) == 1:
        missing = f"{KEY} or {KEY_FILE}" if APP_ID in told else APP_ID
        raise InputError(
            f"{', '.join(sorted(told))} without {missing}: a GitHub App needs its id and its "
            "private key; set both, or neither and GITHUB_TOKEN"
        )
    return True


def app_key(environ: Mapping[str, str]) -> str:
    """Return the private key (PEM) of the App; raise InputError if there is none to be read."""
    # A variable holds one line at many places: there the line ends are written \n.
    key = environ.get(KEY, "").replace("\\n", "\n").strip() or _of_file(environ[KEY_FILE].strip())
    if not key.startswith("-----BEGIN") or "PRIVATE KEY-----" not in key:
        raise InputError(
            f"{KEY} holds no private key: give the text of the .pem file that GitHub made for the "
            f"App, or its path as {KEY_FILE}"
        )
    return key + "\n"


def _of_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not a text file"
        raise InputError(f"{KEY_FILE}: cannot read {path} ({why}); name the App's .pem") from None
