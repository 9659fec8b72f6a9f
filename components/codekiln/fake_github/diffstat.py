"""Which files differ between pairs of commits, and by how many lines: one git process for all."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from codekiln.fake_github.fast_import import git
from codekiln.fake_github.pulls import FileFacts

_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied"}


def diffstat(folder: Path, pairs: Sequence[tuple[str, str]]) -> Iterator[list[FileFacts]]:
    """Give the files that differ between the two commits of each pair, in order."""
    asked = "".join(f"{one}^{{tree}}\n" for pair in pairs for one in pair)
    told = git(folder, "cat-file", "--batch-check=%(objectname)", given=asked.encode())
    trees = told.decode().split()
    lines = [f"{trees[2 * n]} {trees[2 * n + 1]}" for n in range(len(pairs))]
    said = git(
        folder, "diff-tree", "--stdin", "-r", "-M", "--raw", "--numstat", "-z",
        given="".join(f"{line}\n" for line in lines).encode(),
    ).decode()  # fmt: skip
    for line in lines:
        head = f"{line}\n"
        # A pair of equal trees is not even named.
        if not said.startswith(head):
            yield []
            continue
        end = _next_head(said, len(head))
        yield _files(said[len(head) : end].split("\0"))
        said = said[end:]


def _next_head(said: str, start: int) -> int:
    """Return where the next line "tree tree" begins: the only newlines in the output end these."""
    newline = said.find("\n", start)
    return len(said) if newline < 0 else newline - 81


def _files(words: list[str]) -> list[FileFacts]:
    status: dict[str, str] = {}
    files = []
    place = 0
    while place < len(words) and words[place]:
        word = words[place]
        if word.startswith(":"):
            kind = word.rsplit(" ", 1)[1][0]
            moved = kind in "RC"
            status[words[place + 1 + moved]] = _STATUS.get(kind, "changed")
            place += 2 + moved
            continue
        added, removed, path = word.split("\t")
        old = ""
        if not path:
            old, path = words[place + 1 : place + 3]
            place += 2
        counts = [int(one) if one.isdecimal() else 0 for one in (added, removed)]
        files.append(FileFacts(path, status[path], counts[0], counts[1], old))
        place += 1
    return files
