"""Reading objects out of `git cat-file --batch`, one question or a whole stream at a time."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from codekiln.core.git.command import Git

STEP = 1 << 16
QUESTIONS = 200
"""So many, and the answers to them, fit into a pipe: nobody waits for the other to read."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object: its kind (`commit`, `blob`, ...), its size, and its first bytes."""

    kind: str
    size: int
    data: bytes


def ask(process: subprocess.Popen[bytes], name: str) -> Object | None:
    """Return the object that `cat-file --batch` finds under `name`, None if there is none."""
    return answer(questioned(process, name), longest=None)


def questioned(process: subprocess.Popen[bytes], name: str) -> IO[bytes]:
    """Send `name` to a `cat-file` dialogue and return where the answer comes from."""
    assert process.stdin  # noqa: S101 -- a dialogue always has both ends
    assert process.stdout  # noqa: S101
    process.stdin.write(name.encode() + b"\n")
    process.stdin.flush()
    return process.stdout


def answer(pipe: IO[bytes], longest: int | None) -> Object | None:
    """Read one object; of one larger than `longest` bytes only so many are kept."""
    words = pipe.readline().rstrip(b"\n").split(b" ")
    if len(words) != 3 or not words[2].isdigit():
        return None
    size = int(words[2])
    kept = size if longest is None else min(size, longest)
    data = pipe.read(kept)
    skip(pipe, size - kept + 1)
    return Object(words[1].decode("ascii"), size, data)


def skip(pipe: IO[bytes], count: int) -> None:
    """Read `count` bytes and forget them."""
    while count > 0:
        read = len(pipe.read(min(count, STEP)))
        if not read:
            return
        count -= read


def commits_named(git: Git, names: Sequence[str]) -> dict[str, str]:
    """Return the full hash of each of `names` that is a commit, by name."""
    if not names:
        return {}
    asked = [f"{name}^{{commit}}" for name in names]
    answers = git.text("cat-file", "--batch-check", given=asked).split("\n")
    words = zip(names, (answer.split(" ") for answer in answers), strict=False)
    return {name: told[0] for name, told in words if told[1:2] == ["commit"]}


def sizes(git: Git, shas: Sequence[str]) -> dict[str, int]:
    """Return the size of each of the objects `shas` that is there."""
    if not shas:
        return {}
    told = git.output("cat-file", "--batch-check", "--buffer", given=shas).decode("ascii")
    rows = [line.split(" ") for line in told.split("\n")]
    return {row[0]: int(row[2]) for row in rows if len(row) == 3}


@contextmanager
def naming(git: Git) -> Iterator[Callable[[Sequence[str]], dict[str, str]]]:
    """Start one git that answers as `commits_named` does, as often as it is asked."""
    with git.dialogue("cat-file", "--batch-check") as process:
        yield lambda names: dict(named(process, names))


def named(process: subprocess.Popen[bytes], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield name and full hash of each of `names` that is a commit."""
    assert process.stdin  # noqa: S101 -- a dialogue always has both ends
    assert process.stdout  # noqa: S101
    for start in range(0, len(names), QUESTIONS):
        asked = names[start : start + QUESTIONS]
        process.stdin.write("".join(f"{name}^{{commit}}\n" for name in asked).encode())
        process.stdin.flush()
        for name in asked:
            told = process.stdout.readline().decode("utf-8", "replace").split(" ")
            if told[1:2] == ["commit"]:
                yield name, told[0]


def asked(
    process: subprocess.Popen[bytes], shas: Sequence[str], longest: int | None = None
) -> Iterator[tuple[str, Object]]:
    """Yield hash and object of each of `shas` that a `cat-file --batch` dialogue finds."""
    assert process.stdin  # noqa: S101 -- a dialogue always has both ends
    assert process.stdout  # noqa: S101
    for start in range(0, len(shas), QUESTIONS):
        some = shas[start : start + QUESTIONS]
        process.stdin.write("".join(f"{sha}\n" for sha in some).encode())
        process.stdin.flush()
        for sha in some:
            found = answer(process.stdout, longest)
            if found is not None:
                yield sha, found


def stream(git: Git, shas: Sequence[str], longest: int) -> Iterator[Object | None]:
    """Read the objects `shas` in order, at most `longest` bytes of each; None for a missing one."""
    with git.stream("cat-file", "--batch", "--buffer", given=shas) as process:
        assert process.stdout  # noqa: S101 -- a stream always has an output
        with open(process.stdout.fileno(), "rb", buffering=1 << 18, closefd=False) as pipe:
            for _ in shas:
                yield answer(pipe, longest)


def parents(commit: bytes) -> list[str]:
    """Return the parents that the text of a commit names, before its author line."""
    found = []
    for line in commit.split(b"\n"):
        if line.startswith(b"parent "):
            found.append(line[7:].decode("ascii", "replace"))
        elif not line.startswith(b"tree "):
            break
    return found
