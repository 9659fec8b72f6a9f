"""Builders of small repositories, good and hostile, through git's plumbing."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codekiln.core.corpus import commits
from codekiln.core.corpus.commits import Commit
from codekiln.core.git import graph
from codekiln.core.git.repository import opened
from codekiln.mine_commits import miner
from codekiln.mine_commits.limits import Limits

LIMITS = Limits()

EPOCH = 1_700_000_000
"""The committer time of the first commit; each next one is a minute later."""

FILE, EXECUTABLE, SYMLINK, SUBMODULE = "100644", "100755", "120000", "160000"
FOLDER = "40000"
Content = bytes | str | tuple[str, bytes | str]
"""What a path holds: a file's text, or a mode and a text (for a submodule: a hash)."""


def environment() -> dict[str, str]:
    """Return an environment in which nobody's git settings count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


def git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in `repository` and return what it prints."""
    return subprocess.run(
        ["git", "-C", str(repository), *arguments],
        input=given,
        env=environment(),
        check=True,
        capture_output=True,
    ).stdout


def text(repository: Path, *arguments: str) -> str:
    """Run git and return what it prints as text, without the last line break."""
    return git(repository, *arguments).decode("utf-8", "backslashreplace").rstrip("\n")


@dataclass
class History:
    """A bare repository to be filled, commit by commit, with any bytes whatever."""

    path: Path
    count: int = 0
    trees: dict[str, dict[bytes, tuple[str, str]]] = field(default_factory=dict)

    def blob(self, content: bytes | str) -> str:
        """Store a file's content."""
        data = content.encode() if isinstance(content, str) else content
        return self.stored("blob", data)

    def stored(self, kind: str, data: bytes) -> str:
        """Store an object as it is, however wrong."""
        arguments = ("hash-object", "-t", kind, "-w", "--literally", "--stdin")
        return git(self.path, *arguments, given=data).decode().strip()

    def tree(self, entries: Mapping[bytes, tuple[str, str]]) -> str:
        """Store a tree of paths (with slashes) that lead to mode and hash."""
        with_index = self.path / f"index-{self.count}"
        lines = b"".join(
            f"{mode} {sha}\t".encode() + path + b"\0" for path, (mode, sha) in entries.items()
        )
        told = {**environment(), "GIT_INDEX_FILE": str(with_index)}
        run = ["git", "-C", str(self.path)]
        subprocess.run([*run, "read-tree", "--empty"], env=told, check=True)
        update = [*run, "update-index", "-z", "--add", "--index-info"]
        subprocess.run(update, env=told, check=True, input=lines)
        written = subprocess.run(
            [*run, "write-tree", "--missing-ok"], env=told, check=True, capture_output=True
        )
        with_index.unlink(missing_ok=True)
        return written.stdout.decode().strip()

    def commit(
        self,
        files: Mapping[str | bytes, Content | None] | None = None,
        message: str | bytes = "work",
        parents: Iterable[str] = (),
        **headers: bytes,
    ) -> str:
        """Commit `files` over those of the first parent (None removes one); return the hash.

        `headers` (author, committer, encoding, extra) replace or add header lines, as bytes.
        """
        parents = list(parents)
        entries = dict(self.trees.get(parents[0], {})) if parents else {}
        for path, content in (files or {}).items():
            name = path.encode() if isinstance(path, str) else path
            if content is None:
                entries.pop(name)
            else:
                entries[name] = self.entry(content)
        sha = self.raw(self.tree(entries), parents, message, headers)
        self.trees[sha] = entries
        return sha

    def entry(self, content: Content) -> tuple[str, str]:
        """Return mode and hash of `content`, stored."""
        mode, data = content if isinstance(content, tuple) else (FILE, content)
        if mode == SUBMODULE:
            return mode, data if isinstance(data, str) else data.decode()
        return mode, self.blob(data)

    def raw(
        self,
        tree: str,
        parents: Iterable[str],
        message: str | bytes,
        headers: Mapping[str, bytes] | None = None,
    ) -> str:
        """Store a commit from its parts, unchecked."""
        told = headers or {}
        stamp = b"Ann Author <ann@example.org> %d +0100" % (EPOCH + 60 * self.count)
        self.count += 1
        lines = [b"tree " + tree.encode(), *(b"parent " + p.encode() for p in parents)]
        lines += [b"author " + told.get("author", stamp)]
        lines += [b"committer " + told.get("committer", stamp)]
        lines += [b"encoding " + told["encoding"]] if "encoding" in told else []
        lines += [told["extra"]] if "extra" in told else []
        data = message.encode() if isinstance(message, str) else message
        return self.stored("commit", b"\n".join(lines) + b"\n\n" + data)

    def bomb(self, levels: int) -> str:
        """Store `levels` trees, each ten times in the next; the last one holds 10**levels files."""
        kind, sha = FILE, self.blob("x\n")
        for _ in range(levels):
            sha = self.tree_of({b"%d" % n: (kind, sha) for n in range(10)})
            kind = FOLDER
        return sha

    def tree_of(self, entries: Mapping[bytes, tuple[str, str]]) -> str:
        """Store one tree as it is: of each name its mode and hash."""
        told = (b"%s %s\0" % (m.encode(), n) + bytes.fromhex(s) for n, (m, s) in entries.items())
        return self.stored("tree", b"".join(told))

    def ref(self, name: str, sha: str) -> None:
        """Let the ref `name` point at `sha`."""
        git(self.path, "update-ref", name, sha)

    def remove(self, sha: str) -> None:
        """Take an object away, as a broken disk or a partial clone does."""
        (self.path / "objects" / sha[:2] / sha[2:]).unlink()


def history(path: Path) -> History:
    """Make an empty bare repository."""
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    return History(path)


def line(path: Path, commits: int = 3) -> History:
    """Make a repository with so many commits on main, each of which changes one file."""
    made = history(path)
    tip: list[str] = []
    for number in range(commits):
        content = "".join(f"line {n}\n" for n in range(number + 1))
        tip = [made.commit({"a.txt": content}, f"commit {number}", tip)]
    made.ref("refs/heads/main", tip[0])
    return made


def mined(source: Path, folder: Path, limits: Limits = LIMITS, workers: int = 1) -> list[Commit]:
    """Mine `source` into `folder` and read what was written."""
    with opened(str(source)) as repository:
        miner.mine(repository, graph.read(repository), folder, limits, workers, lambda *_: None)
    return list(commits.read(folder))


def every_commit(made: History, limits: Limits = LIMITS) -> list[Commit]:
    """Mine `made` and check that each commit that git lists is there, once."""
    listed = git(made.path, "--no-replace-objects", "rev-list", "--all").decode().split()
    records = mined(made.path, made.path.parent / "out", limits)
    assert sorted(record.hash for record in records) == sorted(listed)
    return records


def by_subject(records: Iterable[Commit]) -> dict[str, Commit]:
    """Return the records by their subjects."""
    return {record.subject: record for record in records}
