"""Running git so that only our arguments decide what comes out.

Settings of the system, the user and the environment are shut out; hooks, file system monitors,
attributes, replace refs and lazy fetches are off. Commands are lists, never a shell.
"""

import fcntl
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from codekiln.core import memory
from codekiln.core.errors import InputError

OLDEST_GIT = (2, 31)
"""`rev-parse --path-format` is the newest thing used here; it came with 2.31."""

PIPE_BYTES = 1 << 20
"""A pipe of this size costs git and us a sixteenth of the usual switches."""

WRITE_BYTES = 1 << 16
"""What git writes at once into a pipe, where we can tell it: the C library's choice is 4 KiB."""

STREAMING = {
    # Nobody waits for a single answer, so git need not write after each.
    "GIT_FLUSH": "0",
    # glibc gives memory back after each file and asks for it again with the next one: half of the
    # page faults of a diff. Up to these bytes it is to keep it.
    "MALLOC_TRIM_THRESHOLD_": str(4 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
}

DIFF_BYTES = 2 << 30
"""Memory of one git that diffs, or a quarter of what there is if that is less. Ten trees, each ten
times in the next, unfold into more files than any machine holds, and git holds them all before it
tells of the first."""

TRUST = frozenset(["GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO"])
"""Whose certificates count is the user's word alone; it changes nothing of what comes."""

HERMETIC = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
SAFE_SETTINGS = {
    "safe.directory": "*",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    # A commit-graph is a cache that may be stale or forged; the commits themselves are the truth.
    "core.commitGraph": "false",
    "core.quotePath": "true",
    "protocol.ext.allow": "never",
}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without any GIT_* of the caller's but TRUST, made hermetic."""
    kept = {n: v for n, v in os.environ.items() if n in TRUST or not n.startswith("GIT_")}
    return {**kept, **HERMETIC, **(extra or {})}


@dataclass(frozen=True, slots=True)
class Git:
    """One way to call git: the variables and settings that every call gets."""

    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    diff_bytes: int = field(default_factory=lambda: min(DIFF_BYTES, memory.usable() // 4))

    def argv(self, *arguments: str) -> list[str]:
        """Return the command line of `git *arguments` with our settings."""
        told = {**SAFE_SETTINGS, **self.settings}
        return ["git", *(f for k, v in told.items() for f in ("-c", f"{k}={v}")), *arguments]

    def text(self, *arguments: str, given: Iterable[str] | None = None) -> str:
        """Return what git prints; raise InputError with git's own words if it fails."""
        return self.output(*arguments, given=given).decode("utf-8", "backslashreplace")

    def output(self, *arguments: str, given: Iterable[str] | None = None) -> bytes:
        """Return the bytes that git prints; lines in `given` go to its standard input."""
        done = self.attempt(*arguments, given=given)
        if done.returncode:
            raise InputError(f"git {arguments[0]} failed: {last_words(done.stderr)}")
        return done.stdout

    def attempt(
        self, *arguments: str, given: Iterable[str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git to its end, whatever the end; raise InputError only if there is no git."""
        fed = None if given is None else "".join(f"{line}\n" for line in given).encode()
        try:
            return subprocess.run(
                self.argv(*arguments),
                input=b"" if fed is None else fed,
                env=environment(self.variables),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise InputError("git is not on the PATH: install git 2.31 or newer") from error

    @contextmanager
    def stream(self, *arguments: str, given: Iterable[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Start git with the lines of `given` as its input; leaving the block ends it.

        The input is a file, so that reader and writer can never wait for each other.
        """
        with fed(given) as lines:
            process = self.bulky(*arguments, stdin=lines)
        try:
            yield process
        finally:
            end(process)

    @contextmanager
    def diffing(self, *arguments: str, given: Iterable[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Start a git as `stream` does that dies where it would take more than `diff_bytes`."""
        with self.stream(*arguments, given=given) as process:
            bound(process, self.diff_bytes)
            yield process

    @contextmanager
    def bulk_dialogue(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start git and keep both ends of it open, for short questions and very long answers."""
        process = self.bulky(*arguments, stdin=subprocess.PIPE)
        try:
            yield process
        finally:
            end(process)

    def bulky(self, *arguments: str, stdin: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start a git that is to write very much."""
        process = subprocess.Popen(
            [*in_large_writes(), *self.argv(*arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment({**self.variables, **STREAMING}),
            bufsize=0,
        )
        enlarge(process.stdout)
        return process

    @contextmanager
    def dialogue(self, *arguments: str, bufsize: int = -1) -> Iterator[subprocess.Popen[bytes]]:
        """Start git and keep both ends of it open, for question and answer."""
        process = subprocess.Popen(
            self.argv(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self.variables),
            bufsize=bufsize,
        )
        try:
            yield process
        finally:
            end(process)


def bound(process: subprocess.Popen[bytes], most_bytes: int) -> None:
    """Let `process` have so much memory and no more, where the system can hold it to that."""
    # Its data alone, not the packs that it maps. Another limit, if there is one, stays above it.
    if sys.platform == "linux":
        with suppress(ProcessLookupError):
            soft, hard = resource.prlimit(process.pid, resource.RLIMIT_DATA)
            told = min(size for size in (most_bytes, soft, hard) if size >= 0)
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (told, hard))


def enlarge(pipe: IO[bytes] | None) -> None:
    """Let `pipe` hold PIPE_BYTES; without that all is the same but slower."""
    # Linux lets a user who is not root have 64 such pipes, and of other systems none has them.
    if pipe and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


@cache
def in_large_writes() -> tuple[str, ...]:
    """Return the command before a command that makes it write WRITE_BYTES at once, if it works."""
    found = shutil.which("stdbuf")
    if found is None:
        return ()
    argv = (found, f"-o{WRITE_BYTES}")
    tried = subprocess.run([*argv, "git", "version"], capture_output=True, check=False)
    return () if tried.returncode or tried.stderr else argv


@contextmanager
def fed(lines: Iterable[str]) -> Iterator[IO[bytes]]:
    """Open an unnamed file that holds `lines`, at its beginning."""
    with tempfile.TemporaryFile() as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.seek(0)
        yield file


def end(process: subprocess.Popen[bytes]) -> None:
    """Close our ends of the pipes and make sure that `process` is gone."""
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    if process.stdout:
        process.stdout.close()
    if process.poll() is None:
        process.kill()
    process.wait()


def last_words(stderr: bytes) -> str:
    """Return the last line git complained with, without its `fatal:`.

    A remote may have a hand in it: what would move a terminal's cursor is left out.
    """
    lines = stderr.decode("utf-8", "backslashreplace").strip().split("\n")
    words = lines[-1].removeprefix("fatal: ").removeprefix("error: ")
    return "".join(filter(str.isprintable, words)) or "no message"


def version(git: Git) -> tuple[int, ...]:
    """Return git's version, such as (2, 39, 5); raise InputError below OLDEST_GIT."""
    told = git.text("version")
    found = tuple(int(part) for part in re.findall(r"\d+", told)[:3])
    if found < OLDEST_GIT:
        wanted = ".".join(str(part) for part in OLDEST_GIT)
        raise InputError(f"{told.strip()} is too old: install git {wanted} or newer")
    return found


def folder(path: Path) -> str:
    """Return `path` as an absolute text for git."""
    return os.fspath(path.absolute())
