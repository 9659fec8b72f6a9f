"""A GitHub App: its installation's tokens last an hour and are made anew. PyGithub makes them.

Their age is told by the event loop's clock, so that a wrong local date does no harm.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from codekiln.core.errors import CodekilnError, InputError, ServiceError

RENEW_S = 50 * 60.0
"""GitHub's installation tokens are valid for an hour."""

KEPT = 3
"""Tokens that an answer under way may still repeat."""


@dataclass(slots=True)
class App:
    """One installation of a GitHub App."""

    name: str
    app_id: str
    key: str = field(repr=False)
    installation: int
    """0: the only one there is."""
    api_url: str
    _token: str = field(default="", repr=False)
    _made: float = 0.0
    _all: list[str] = field(default_factory=list, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def token(self) -> str:
        """Return a token that is valid for ten minutes at least; raise InputError, ServiceError."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if not self._token or now - self._made >= RENEW_S:
                self._token = await asyncio.to_thread(self._make)
                self._all = [*self._all, self._token][-KEPT:]
                self._made = now
            return self._token

    def refused(self) -> None:
        """Drop the token; another can be made."""
        self._token = ""

    def secrets(self) -> Sequence[str]:
        """Return every token there was: a late answer may repeat an old one."""
        return (*self._all, self.key.strip())

    def _make(self) -> str:
        # PyGithub takes a third of a second to import: only Apps pay for it.
        import jwt
        from github import (
            Auth,
            GithubException,
            GithubIntegration,
            RateLimitExceededException,
        )

        try:
            auth = Auth.AppAuth(self.app_id, self.key)
            app = GithubIntegration(
                auth=auth,
                base_url=self.api_url,
                user_agent="codekiln",
                # Whoever asks for the token has more patience, and says what it waits for.
                retry=0,
            )
            with_id = self.installation or self._only_one(app.get_installations())
            return str(app.get_access_token(with_id).token)
        except RateLimitExceededException as error:
            raise self._unable(error.status) from None
        except GithubException as error:
            raise self._explained(error.status) from None
        except OSError as error:  # what requests raises is one
            raise ServiceError(
                f"cannot reach {self.api_url} for {self.name} ({type(error).__name__}): check the "
                "network and GITHUB_API_URL, then try again"
            ) from None
        except (jwt.PyJWTError, ValueError):
            raise InputError(
                f"the private key of {self.name} cannot be used: give the .pem file that GitHub "
                "made for it"
            ) from None

    def _only_one(self, installations: object) -> int:
        found = [one.id for one in installations]  # type: ignore[attr-defined] # PyGithub's list
        if len(found) != 1:
            listed = ", ".join(map(str, found)) or "none"
            raise InputError(
                f"{self.name} has {len(found)} installations ({listed}): set "
                "GITHUB_APP_INSTALLATION_ID to one of them"
            )
        return int(found[0])

    def _explained(self, status: int) -> CodekilnError:
        if status == HTTPStatus.UNAUTHORIZED:
            return InputError(
                f"GitHub does not accept the key of {self.name}: check GITHUB_APP_ID, the key, and "
                "this machine's clock"
            )
        if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            return InputError(
                f"{self.name} has no installation {self.installation or ''} that is active: check "
                "GITHUB_APP_INSTALLATION_ID"
            )
        return self._unable(status)

    def _unable(self, status: int) -> ServiceError:
        return ServiceError(f"GitHub makes no token for {self.name} now ({status}); try again")
