"""Who asks GitHub: nobody, one token or several, or a GitHub App.

No object here shows a secret in its repr, and no error names one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codekiln.core.errors import InputError
from codekiln.core.github.app import App
from codekiln.core.github.credential import Anonymous, Credential, Fixed
from codekiln.core.github.endpoint import endpoint
from codekiln.core.github.private_key import APP_ID, INSTALLATION_ID, app_key, has_app

HIDDEN = b"[token]"
TOKEN_NAMES = ("GITHUB_TOKEN", "GH_TOKEN")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The credentials of one run; each has budgets of its own at GitHub.

    GitHub's terms forbid several tokens of one user to get past the limits; several are for
    several users, or Apps, that share a machine.
    """

    each: Sequence[Credential] = field(default_factory=lambda: (Anonymous(),))

    @property
    def anonymous(self) -> bool:
        """No token at all: 60 REST requests an hour, no GraphQL."""
        return all(isinstance(one, Anonymous) for one in self.each)

    def scrub(self, body: bytes) -> bytes:
        """Return `body` without any secret, should a server have repeated one."""
        for one in self.each:
            for secret in one.secrets():
                body = body.replace(secret.encode(), HIDDEN)
        return body


def tokens(environ: Mapping[str, str]) -> Tokens:
    """Read the credentials from `environ`; raise InputError for some that cannot be used.

    A GitHub App (GITHUB_APP_ID and its companions) goes before GITHUB_TOKEN, then GH_TOKEN; several
    tokens are separated by commas.
    """
    if has_app(environ):
        return Tokens((_app(environ),))
    for name in TOKEN_NAMES:
        found = [part.strip() for part in environ.get(name, "").split(",") if part.strip()]
        if found:
            # The same token twice would still be one budget.
            return Tokens(tuple(_fixed(name, at, one) for at, one in enumerate(_once(found), 1)))
    return Tokens()


def _once(found: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys(found))


def _fixed(name: str, at: int, secret: str) -> Fixed:
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise InputError(
            f"token {at} of {name} has characters that no token has: copy it again, several "
            "separated by commas"
        )
    return Fixed(f"token {at} of {name}", secret)


def _app(environ: Mapping[str, str]) -> App:
    installation = environ.get(INSTALLATION_ID, "").strip()
    if not installation.isdigit() and installation:
        raise InputError(f"{INSTALLATION_ID} is no number: give the one in the installation's URL")
    return App(
        name=f"the GitHub App {environ[APP_ID].strip()}",
        app_id=environ[APP_ID].strip(),
        key=app_key(environ),
        installation=int(installation or 0),
        api_url=endpoint(environ).api_url,
    )
