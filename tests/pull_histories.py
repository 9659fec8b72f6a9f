"""Repositories with pull requests, served to git, and what git itself says of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from histories import History, git, history, text

from codekiln.collect_pulls.changes import Failed, Wanted, told
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import ChangedFile, Changes
from codekiln.core.git.decoding import decoded
from codekiln.core.git.remote import Patience, Terms

IMPATIENT = Terms(patience=Patience(attempts=2, wait_s=0.01))
LINES = [f"line {number}\n" for number in range(40)]
CODE = "".join(LINES)
STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


@dataclass(frozen=True)
class Told:
    """What git says of one file: the status in GitHub's words, lines, hunks."""

    status: str
    original_path: str | None
    additions: int
    deletions: int
    patch: str


def served(path: Path) -> History:
    """Make an empty repository that gives any object to whoever asks for it, as GitHub does."""
    made = history(path)
    for name in ("allowFilter", "allowAnySHA1InWant"):
        git(path, "config", f"uploadpack.{name}", "true")
    return made


def url(made: History) -> str:
    """Return where git finds `made`."""
    return f"file://{made.path}"


def collected(
    made: History, wanted: Iterable[Wanted], scratch: Path, limits: Limits | None = None
) -> dict[int, Changes | Failed]:
    """Return what is told of each of `wanted`, by number; each is told of once."""
    with Mirror(url(made), scratch, limits, IMPATIENT) as mirror:
        found = list(told(mirror, list(wanted)))
    assert len({one.number for one in found}) == len(found)
    return {one.number: one for one in found}


def one(
    made: History, base: str, head: str, scratch: Path, limits: Limits | None = None
) -> Changes:
    """Return what is told of the pull request from `base` to `head`."""
    (found,) = collected(made, [Wanted(1, head, base)], scratch, limits).values()
    assert isinstance(found, Changes), found
    return found


def by_git(made: History, base: str, head: str) -> dict[str, Told]:
    """Return what `git diff base...head` says of each file, by path."""
    told = f"{base}...{head}"
    fields = git(made.path, "diff", "--raw", "-z", "-M", told).split(b"\0")[:-1]
    counts = git(made.path, "diff", "--numstat", "-z", "-M", told).split(b"\0")[:-1]
    sections = git(made.path, "diff", "-M", told).split(b"\ndiff --git ")
    found, shown, parts, counted = {}, iter(sections), iter(fields), iter(counts)
    for row in parts:
        kind = row.rpartition(b" ")[2][:1].decode()
        original = next(parts) if kind == "R" else None
        path = next(parts)
        added, removed, name = next(counted).split(b"\t", 2)
        if not name:  # renamed: both names follow
            next(counted), next(counted)
        patches = [hunks(next(shown)) for _ in range(2 if kind == "T" else 1)]
        found[name_of(path)] = Told(
            STATUS[kind],
            name_of(original) if original is not None else None,
            int(added) if added != b"-" else 0,
            int(removed) if removed != b"-" else 0,
            decoded(b"\n".join(filter(None, patches))),
        )
    return found


def hunks(section: bytes) -> bytes:
    """Return the hunks of one section of a patch."""
    start = section.find(b"\n@@ ")
    return section[start + 1 :].removesuffix(b"\n") if start >= 0 else b""


def name_of(path: bytes) -> str:
    """Return a path as records have it."""
    return path.decode("utf-8", "backslashreplace")


def content(made: History, commit: str, path: str) -> str | None:
    """Return the text that git holds under `path` in `commit`, None where there is none."""
    listed = text(made.path, "ls-tree", "-z", commit, "--", path)
    if not listed:
        return None
    data = git(made.path, "cat-file", "blob", listed.split()[2])
    return None if b"\0" in data else decoded(data)


def as_told(file: ChangedFile) -> Told:
    """Return what a record says of a file in the words of `by_git`."""
    return Told(file.status, file.original_path, file.additions, file.deletions, file.patch)


def same_as_git(made: History, base: str, head: str, found: Changes) -> None:
    """Check that the kept files of `found` are as git itself shows them, and all paths there."""
    expected = by_git(made, base, head)
    assert {file.path for file in found.files} == set(expected)
    for file in found.files:
        if Limits().kept.holds(file.path):
            assert as_told(file) == expected[file.path]
            start, end = file.original_path or file.path, file.path
            assert file.before == content(made, found.merge_base, start)
            assert file.after == content(made, head, end)
    assert found.merge_base == text(made.path, "merge-base", base, head).split("\n")[0]
    listed = text(made.path, "rev-list", f"{base}..{head}").split()
    assert {commit.sha for commit in found.commits} == set(listed)


def edited(*numbers: int) -> str:
    """Return CODE with other lines in some places."""
    return "".join("other\n" if n in numbers else line for n, line in enumerate(LINES))


def checked(made: History, base: str, head: str, scratch: Path) -> Changes:
    """Return what is told of a pull request, which is what git says of it."""
    found = one(made, base, head, scratch)
    same_as_git(made, base, head, found)
    return found
