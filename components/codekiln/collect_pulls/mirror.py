"""As much of a remote repository as its pull requests need: commits, then trees, then contents.

All commits of the wanted heads and bases come, without trees; then the trees of heads and merge
bases alone; then the contents of the files that are kept. What came stays for the next batch.
"""

import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from codekiln.collect_pulls.limits import Limits
from codekiln.core.git import diffs, objects
from codekiln.core.git.ancestry import Ancestry
from codekiln.core.git.command import Git, folder, version
from codekiln.core.git.remote import COMMITS_ONLY, NO_FILES, Remote, Terms
from codekiln.core.git.repository import EMPTY_TREES, SHA, make_view
from codekiln.core.git.running import Bounds, StoppedError

MOST_PACKS = 60
"""Past so many packs every look-up takes too long."""

MOST_TIPS = 64
"""What the remote is told of what is here: enough for any sane history."""


class Mirror:
    """What was fetched from `remote`; a context, whose end removes it from the folder `scratch`.

    `terms` say how patient to be, and with which variables (`remote.credentials`) git runs.
    """

    def __init__(
        self, remote: str, scratch: Path, limits: Limits | None = None, terms: Terms | None = None
    ) -> None:
        version(Git())
        self.limits = limits or Limits()
        self.scratch = scratch
        bounds = Bounds(self.limits.fetch_seconds, self.limits.disk_bytes)
        self.terms = replace(terms or Terms(), bounds=bounds, stop=threading.Event())
        self.history = Remote(remote, scratch / "history.git", self.terms)
        self.files = Remote(remote, scratch / "files.git", self.terms)
        self.git = view(scratch / "view.git", self.history, self.files, self.limits)
        self.ancestry = Ancestry()
        self.sizes: dict[str, int] = {}
        self.indexed = 0

    def __enter__(self) -> Self:
        """Return the mirror."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it."""
        self.close()

    def sign_in(self, variables: Mapping[str, str]) -> None:
        """Use other variables from now on: the token of an App is good for an hour."""
        self.history.sign_in(variables)
        self.files.sign_in(variables)

    def stop(self) -> None:
        """Let whoever works with the mirror raise StoppedError soon; from any thread."""
        self.terms.stop.set()

    def close(self) -> None:
        """Stop, and remove all that was fetched."""
        self.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def check(self) -> None:
        """Raise StoppedError if somebody asked to stop."""
        if self.terms.stop.is_set():
            raise StoppedError

    def size(self) -> int:
        """Return the bytes of all that was fetched."""
        return self.history.size() + self.files.size()

    @property
    def fetched(self) -> int:
        """The bytes of all that ever came, whatever was forgotten since."""
        return self.history.fetched + self.files.fetched

    def commits(self, shas: Iterable[str]) -> set[str]:
        """Bring commits and all before them; return those of `shas` that are not to be had."""
        wanted = {sha for sha in shas if sha not in self.ancestry}
        new = sorted(sha for sha in wanted if SHA.match(sha))
        if not new:
            return wanted
        lost = self.history.fetch(new, COMMITS_ONLY, list(self.ancestry.tips)[-MOST_TIPS:])
        found = objects.commits_named(self.git, [sha for sha in new if sha not in lost])
        # A tag, too, leads to a commit; but nothing that GitHub lists is one.
        return wanted - {sha for sha, commit in found.items() if sha == commit}

    def trees(self, shas: Iterable[str]) -> set[str]:
        """Bring trees with all below but files' contents; return those that are not to be had."""
        return self.brought(shas)[0]

    def contents(self, shas: Iterable[str]) -> tuple[set[str], Mapping[str, int]]:
        """Bring contents of files; return those not to be had, and the size of each other."""
        return self.brought(shas)

    def brought(self, shas: Iterable[str]) -> tuple[set[str], Mapping[str, int]]:
        """Bring objects that are no commits; return the missing ones and the sizes of the rest."""
        wanted = set(shas)
        new = sorted(sha for sha in wanted if sha not in self.sizes)
        if new:
            self.files.fetch(new, NO_FILES)
            self.sizes |= objects.sizes(self.git, new)
        return {sha for sha in new if sha not in self.sizes}, self.sizes

    def make_room(self) -> None:
        """Forget trees and contents if they take half of the room: they can be had again.

        Commits stay; many packs of them get one index, which git reads in the place of theirs.
        """
        if self.files.packs() > MOST_PACKS or self.size() > self.limits.disk_bytes // 2:
            self.forget()
        if self.history.packs() - self.indexed > MOST_PACKS:
            self.indexed = self.history.packs()
            self.history.git.text("multi-pack-index", "write")

    def forget(self) -> None:
        """Remove trees and contents."""
        self.files.clear()
        self.sizes = {}


def view(path: Path, history: Remote, files: Remote, limits: Limits) -> Git:
    """Return a git that sees what both hold and asks nobody for more."""
    shutil.rmtree(path, ignore_errors=True)
    make_view(path, "sha1")
    quoted = folder(files.objects).replace("\\", "\\\\").replace('"', '\\"')
    variables = {
        "GIT_DIR": folder(path),
        "GIT_OBJECT_DIRECTORY": folder(history.objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"',
    }
    told = diffs.settings(limits.largest_file_bytes)
    return Git(variables, {**told, "attr.tree": EMPTY_TREES["sha1"]})
