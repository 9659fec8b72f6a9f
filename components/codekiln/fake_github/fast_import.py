"""Makes git objects by the thousand: one stream of commits for `git fast-import`."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from codekiln.core.errors import ServiceError
from codekiln.core.git.command import environment
from codekiln.fake_github.gofiles import GoFile, Tree
from codekiln.fake_github.people import Person

SETTINGS = {
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "http.receivepack": "false",
    "gc.auto": "0",
    "core.bare": "true",
}


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in `folder`; raises ServiceError with its last words."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=given,
        capture_output=True,
        env=environment(),
        check=False,
    )
    if done.returncode:
        raise ServiceError(f"git {arguments[0]} failed in {folder}: {done.stderr.decode()[-300:]}")
    return done.stdout


def create(folder: Path, branch: str) -> None:
    """Make an empty bare repository, instead of what was there."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", f"--initial-branch={branch}")
    for name, value in SETTINGS.items():
        git(folder, "config", name, value)


class Stream:
    """Commits on their way into `folder`: each is known by its mark until `run` names it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[bytes] = []
        self._marks = 0

    def commit(
        self,
        ref: str,
        parents: Sequence[str],
        trees: tuple[Tree, Tree],
        who: tuple[Person, int],
        message: str,
    ) -> str:
        """Add a commit on `ref`; `trees` are its first parent's and its own; returns its mark."""
        self._marks += 1
        person, when = who
        data = message.encode()
        self._parts.append(
            f"commit {ref}\nmark :{self._marks}\n"
            f"committer {person.name} <{person.email}> {when} +0000\n"
            f"data {len(data)}\n".encode()
            + data
        )
        for word, parent in zip(("from", *["merge"] * len(parents)), parents, strict=False):
            self._parts.append(f"\n{word} {parent}".encode())
        self._parts.append(b"\n")
        self._delta(*trees)
        return f":{self._marks}"

    def _delta(self, before: Tree, after: Tree) -> None:
        for path in before:
            if path not in after:
                self._parts.append(f"D {path}\n".encode())
        for path, file in after.items():
            if before.get(path) is not file:
                text = file.text() if isinstance(file, GoFile) else file
                data = text.encode()
                self._parts.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data)
                self._parts.append(b"\n")

    def point(self, ref: str, commit: str) -> None:
        """Let `ref` name a commit."""
        self._parts.append(f"reset {ref}\nfrom {commit}\n\n".encode())

    def run(self) -> dict[str, str]:
        """Import everything; returns the object id of each mark."""
        marks = self._folder / "fake-marks"
        git(
            self._folder, "fast-import", "--quiet", "--force", "--date-format=raw",
            f"--export-marks={marks}", given=b"".join(self._parts),
        )  # fmt: skip
        told = dict(line.split() for line in marks.read_text("ascii").splitlines())
        marks.unlink()
        return told
