"""Git as a source of a run: one mirror a repository, so many at work at once, in threads."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from codekiln.collect_pulls import changes
from codekiln.collect_pulls.forks import REPOSITORY_GONE, Failed, Wanted
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import Changes
from codekiln.core.errors import InputError
from codekiln.core.git.remote import credentials
from codekiln.core.github.client import GitHub

Told = dict[int, Changes | str]


class GitSource:
    """The git repositories of one GitHub, fetched below the folder `scratch`."""

    def __init__(self, github: GitHub, scratch: Path, at_once: int, limits: Limits) -> None:
        self._github, self._scratch, self._limits = github, scratch, limits
        self._turns = asyncio.Semaphore(at_once)

    def is_kept(self, path: str) -> bool:
        """Say whether files of this path are collected with their contents."""
        return self._limits.kept.holds(path)

    @contextlib.asynccontextmanager
    async def opened(self, name: str) -> AsyncIterator["OpenMirror"]:
        """Give the repository owner/name; what is fetched of it goes away at the end."""
        folder = Path(tempfile.mkdtemp(prefix="mirror-", dir=self._scratch))
        mirror = Mirror(self._github.endpoint.git_url(name), folder, self._limits)
        try:
            yield OpenMirror(mirror, self._turns, self._github)
        finally:
            await asyncio.to_thread(mirror.close)


class OpenMirror:
    """One mirror; batches of it go one after another."""

    def __init__(self, mirror: Mirror, turns: asyncio.Semaphore, github: GitHub) -> None:
        self._mirror, self._turns, self._github = mirror, turns, github

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        """Return what git tells of each of `wanted`, by number, or why it tells nothing.

        Raises InputError if there is no such repository for git, ServiceError if its server fails.
        Canceled, it ends git first: nothing is at work in a mirror that is about to be removed.
        """
        async with self._turns:
            # the token of an App is good for an hour, a repository may take longer
            token = await self._github.token()
            self._mirror.sign_in(credentials(self._github.endpoint.server_url, token))
            work = asyncio.ensure_future(asyncio.to_thread(self._told, wanted))
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                self._mirror.stop()
                await asyncio.wait([work])
                work.exception()  # it was told to stop: whatever it says to that is no news
                raise

    def _told(self, wanted: Sequence[Listed]) -> Told:
        asked = [
            Wanted(one.number, one.head_sha, one.base_sha, one.merge_commit_sha or "")
            for one in wanted
        ]
        told = changes.told(self._mirror, asked)
        found = {one.number: one.reason if isinstance(one, Failed) else one for one in told}
        if found and all(one == REPOSITORY_GONE for one in found.values()):
            raise InputError(
                f"git finds no {self._mirror.history.shown}, though GitHub lists pull requests of "
                "it; check that the token may read contents, and GITHUB_SERVER_URL"
            )
        return found
