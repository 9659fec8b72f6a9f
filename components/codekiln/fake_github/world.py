"""The made-up world: every repository by its name and id, and what happens in it."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from weakref import ref

from codekiln.core.errors import InputError
from codekiln.fake_github import people
from codekiln.fake_github.clock import VirtualLoop
from codekiln.fake_github.dice import sha
from codekiln.fake_github.history import History
from codekiln.fake_github.pulls import Comment, Edits
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.timeline import MERGED

BORN = 1_782_864_000
"""2026-07-01T00:00:00Z: the first moment of a world that is not told another."""
TIMELINES_KEPT = 256


class World:
    """Repositories made from `seed` and `specs`; `born` is the world's first moment, epoch seconds.

    Its clock runs with the event loop that asks, and stands still outside of one. `folder` is where
    repositories with real git are built, when somebody first needs them.
    """

    def __init__(
        self,
        seed: int = 7,
        specs: Iterable[RepositorySpec] = (),
        *,
        born: int = BORN,
        folder: Path | None = None,
    ) -> None:
        self.seed = seed
        self.born = born
        self.folder = folder
        self.repositories: dict[int, Repository] = {}
        self.names: dict[str, Repository] = {}
        self._recent: OrderedDict[int, Repository] = OrderedDict()
        self._elapsed = 0.0
        self._loop: ref[asyncio.AbstractEventLoop] | None = None
        self._looked = 0.0
        for spec in specs:
            self.add(spec)

    def add(self, spec: RepositorySpec) -> Repository:
        """Make a repository; it takes its name from whoever was redirected from there."""
        if (other := self.names.get(spec.name.lower())) and other.name == spec.name:
            raise InputError(f"{spec.name} is there already: give each repository its own name")
        made = Repository(spec, len(self.repositories), self.seed, self.born)
        self.repositories[made.id] = made
        self.names[spec.name.lower()] = made
        return made

    def __iter__(self) -> Iterator[Repository]:
        """Go through all repositories, the gone ones too."""
        return iter(self.repositories.values())

    def now(self) -> float:
        """Return the world's time, epoch seconds."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self.born + self._elapsed
        if self._loop is None or self._loop() is not loop:
            # A virtual loop began with the work in it; the real one's clock began with the machine.
            began = loop.started if isinstance(loop, VirtualLoop) else loop.time()
            self._loop, self._looked = ref(loop), began
        self._elapsed += loop.time() - self._looked
        self._looked = loop.time()
        return self.born + self._elapsed

    def find(self, name: str) -> Repository | None:
        """Return the repository that is or was called `name`; case does not matter."""
        return self._ready(self.names.get(name.lower()))

    def by_id(self, repository_id: int) -> Repository | None:
        """Return the repository with this database id."""
        return self._ready(self.repositories.get(repository_id))

    def _ready(self, found: Repository | None) -> Repository | None:
        """Keep the timelines of the last repositories that were asked for, and only theirs."""
        if found is None or found.gone:
            return found
        if found.spec.git and found.history is None:
            self._build(found)
        self._recent[found.id] = found
        self._recent.move_to_end(found.id)
        if len(self._recent) > TIMELINES_KEPT:
            self._recent.popitem(last=False)[1].drop_timeline()
        return found

    def build(self) -> None:
        """Build every repository that has real git now, not when somebody first needs it."""
        for found in self:
            self._ready(found)

    def _build(self, repository: Repository) -> None:
        repository.history = History(repository, self._git_folder())

    def _git_folder(self) -> Path:
        if self.folder is None:
            raise InputError("this world has no folder for git: give World(..., folder=...)")
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def git_path(self, name: str) -> Path:
        """Return the bare repository of `name`, built if it was not yet."""
        found = self.known(name)
        if not found.spec.git:
            raise InputError(f"{name} has no git: give its RepositorySpec git=True")
        return self._git_folder() / f"{found.name}.git"

    def known(self, name: str) -> Repository:
        """Return the repository called `name`; raises InputError where there is none."""
        found = self.find(name)
        if found is None:
            raise InputError(f"no repository {name} in this world of {len(self.repositories)}")
        return found

    def index_of(self, repository: Repository, number: int) -> int:
        """Return the index of a pull request; raises InputError where there is none."""
        index = repository.index_of(number)
        if index is None:
            raise InputError(f"{repository.name} has no pull request {number}")
        return index

    # What happens while it runs.

    def rename(self, old: str, new: str) -> None:
        """Rename or transfer a repository; the old name redirects until somebody takes it."""
        found = self.known(old)
        before, found.name = found.name, new
        self.names[new.lower()] = found
        self._happen(found)
        if found.history is not None:
            self._move(before, new)

    def _move(self, old: str, new: str) -> None:
        source, target = self._git_folder() / f"{old}.git", self._git_folder() / f"{new}.git"
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        source.symlink_to(target.absolute())

    def delete(self, name: str, reason: str = "deleted") -> None:
        """Delete a repository; with the reason "dmca" it is answered with 451, else with 404."""
        found = self.known(name)
        found.gone = reason
        if found.history is not None:
            path = self._git_folder() / f"{found.name}.git"
            path.rename(path.with_suffix(".gone"))

    def open_pull(self, name: str, title: str = "", author: str = "") -> int:
        """Open a pull request; returns its number."""
        found = self.known(name)
        index = found.timeline.open(int(self.now()))
        if title or author:
            self._edits(found, index).title = title
            self._edits(found, index).author = people.by_login(author) if author else None
        if found.history is not None:
            found.history.open(index, int(self.now()))
        self._happen(found, index, pushed=True)
        return found.number_of(index)

    def merge(self, name: str, number: int) -> None:
        """Merge an open pull request."""
        found = self.known(name)
        index, line = self.index_of(found, number), found.timeline
        edits = self._edits(found, index)
        edits.merged_by = found.crew[0]
        line.flags[index] |= MERGED
        line.closed[index] = int(self.now())
        if found.history is not None:
            found.history.merge(index, int(self.now()))
        self._happen(found, index, pushed=True)

    def close(self, name: str, number: int) -> None:
        """Close an open pull request without merging it."""
        found = self.known(name)
        index = self.index_of(found, number)
        found.timeline.closed[index] = int(self.now())
        self._happen(found, index)

    def comment(self, name: str, number: int, body: str = "Ping.", author: str = "") -> None:
        """Comment on a pull request."""
        found = self.known(name)
        index, now = self.index_of(found, number), int(self.now())
        edits = self._edits(found, index)
        speaker = people.by_login(author) if author else found.crew[1]
        comment_id = 2 * (found.id_of(index) * 16 + len(edits.comments)) + 1
        edits.comments.append(Comment(comment_id, speaker, now, body))
        self._happen(found, index)

    def retitle(self, name: str, number: int, title: str) -> None:
        """Change the title of a pull request."""
        found = self.known(name)
        index = self.index_of(found, number)
        self._edits(found, index).title = title
        self._happen(found, index)

    def force_push(self, name: str, number: int) -> str:
        """Replace the head of a pull request; returns the new one."""
        found = self.known(name)
        index = self.index_of(found, number)
        if found.history is not None:
            head = found.history.force_push(index, int(self.now()))
        else:
            head = self._new_head(found, index)
        self._happen(found, index, pushed=True)
        return head

    def lose_head(self, name: str, number: int) -> str:
        """Let the API report a head that git does not have; returns it."""
        found = self.known(name)
        index = self.index_of(found, number)
        head = self._new_head(found, index)
        self._happen(found, index)
        return head

    def _new_head(self, found: Repository, index: int) -> str:
        edits = self._edits(found, index)
        edits.pushes += 1
        edits.head_sha = sha(self.seed, found.ordinal, index, "head", edits.pushes)
        return edits.head_sha

    def _edits(self, repository: Repository, index: int) -> Edits:
        return repository.edits.setdefault(index, Edits())

    def _happen(
        self, repository: Repository, index: int | None = None, *, pushed: bool = False
    ) -> None:
        repository.revision += 1
        if pushed:
            repository.last_push = int(self.now())
        if index is not None:
            self._edits(repository, index).revision += 1
            repository.timeline.touch(index, int(self.now()))
