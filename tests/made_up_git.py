"""Changes of pull requests without any git: for runs whose subject is GitHub's API."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from codekiln.collect_pulls.kept import Kept
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import ChangedFile, Changes, PullCommit
from codekiln.fake_github.world import World


class MadeUpGit:
    """Changes that follow from the hash of the head: for runs whose subject is the API.

    One pull request in eight changes too little; `gone` are the numbers whose head is not there.
    """

    def __init__(self) -> None:
        self.gone: set[int] = set()
        self.asked = 0

    def is_kept(self, path: str) -> bool:
        return Kept().holds(path)

    @contextlib.asynccontextmanager
    async def opened(self, name: str) -> AsyncIterator["MadeUpGit"]:  # noqa: ARG002
        yield self

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        self.asked += len(wanted)
        return {
            one.number: "head is gone" if one.number in self.gone else made_up(one)
            for one in wanted
        }


def made_up(one: Listed) -> Changes:
    lines = 3 if int(one.head_sha[:2], 16) % 8 == 0 else 40
    file = ChangedFile(
        path="main.go", original_path=None, status="modified", additions=lines, deletions=1,
        binary=False, patch=f"@@ -1 +1,{lines} @@", before="a\n", after=one.head_sha * lines,
        truncated=False,
    )  # fmt: skip
    commit = PullCommit(
        sha=one.head_sha, author_name=one.author, time=one.created_at, message=one.title
    )
    return Changes(number=one.number, merge_base=one.base_sha, commits=(commit,), files=(file,))


class WorldsChanges:
    """The changes that the made-up world says its pull requests have, without any git."""

    def __init__(self, world: World) -> None:
        self._world = world

    def is_kept(self, path: str) -> bool:
        """Say whether files of this path are collected with their contents."""
        return Kept().holds(path)

    @contextlib.asynccontextmanager
    async def opened(self, name: str) -> AsyncIterator["OneRepository"]:
        """Give what the world knows of one repository."""
        yield OneRepository(self._world, name)


@dataclass(frozen=True)
class OneRepository:
    """One repository of the world."""

    world: World
    name: str

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        """Return the changes of each of `wanted`."""
        return {one.number: self._of(one.number) for one in wanted}

    def _of(self, number: int) -> Changes:
        found = self.world.known(self.name)
        told = found.changed(found.pull(self.world.index_of(found, number)))
        files = tuple(
            ChangedFile(
                path=file.path, original_path=None, status=file.status, binary=False,
                additions=file.additions, deletions=file.deletions, patch="", before=None,
                after=None, truncated=False,
            )
            for file in told.files
        )  # fmt: skip
        return Changes(number=number, merge_base=told.base_sha, commits=(), files=files)
