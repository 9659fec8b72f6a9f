"""Running a git that talks to strangers: it can be stopped, and it cannot fill the disk."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from codekiln.core.errors import CodekilnError
from codekiln.core.git.command import Git, environment, fed

POLL_S = 0.2
TERM_S = 2.0
"""What git may take to remove its unfinished files before it is killed."""

LONGEST_COMPLAINT = 1 << 16
MOST_COMPLAINTS = 16 << 20
"""A remote may talk; past so many bytes it is not listened to."""


class StoppedError(Exception):
    """Somebody asked to stop; what was fetched so far may be used again."""


class TooLargeError(CodekilnError):
    """What the remote sends is more than may be kept."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one command may take: seconds, and bytes in the folder that it fills."""

    seconds: float = 3600.0
    bytes: int = 4 << 30


@dataclass(frozen=True, slots=True)
class Watched:
    """The folder that a command fills, how far, and how long; `stop` ends it at once."""

    folder: Path
    bounds: Bounds
    stop: threading.Event

    def check(self, until: float, complaints: IO[bytes]) -> None:
        """Raise what ends a command: StoppedError, TooLargeError or TimeoutError."""
        if self.stop.is_set():
            raise StoppedError
        self.check_size()
        if time.monotonic() > until or os.fstat(complaints.fileno()).st_size > MOST_COMPLAINTS:
            raise TimeoutError

    def check_size(self) -> None:
        """Raise TooLargeError if the folder holds more than it may."""
        if size(self.folder) > self.bounds.bytes:
            raise TooLargeError(
                f"the repository takes more than the {self.bounds.bytes >> 20} MiB that it may"
            )


def run(
    git: Git, arguments: Sequence[str], given: Iterable[str], complaints: IO[bytes], over: Watched
) -> int:
    """Run git to its end and return its exit code; what it complains of goes to `complaints`.

    It gets a process group of its own, and whatever happens nothing of that group is left. A
    command that takes too long ends with the code of SIGTERM.
    """
    with fed(given) as lines:
        process = subprocess.Popen(
            [*ended_with_us(), *git.argv(*arguments)],
            stdin=lines,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=environment(git.variables),
            start_new_session=True,
        )
    try:
        return watched(process, complaints, over)
    except TimeoutError:
        return -signal.SIGTERM
    finally:
        if process.returncode != 0:
            end_group(process)


@cache
def ended_with_us() -> tuple[str, ...]:
    """Return the command before a command that ends it when we are killed, if there is one."""
    found = shutil.which("setpriv")
    argv = (found or "", "--pdeathsig", "TERM")
    if found and not subprocess.run([*argv, "true"], capture_output=True, check=False).returncode:
        return argv
    return ()


def watched(process: subprocess.Popen[bytes], complaints: IO[bytes], over: Watched) -> int:
    """Wait for `process` and look after what it does meanwhile."""
    until = time.monotonic() + over.bounds.seconds
    code: int | None = None
    while code is None:
        over.check(until, complaints)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(POLL_S)
    over.check_size()
    return code


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End `process` and all that it started: asked first, so that unfinished files go too."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(TERM_S)


def size(folder: Path) -> int:
    """Return the bytes of all files below `folder`; they may come and go meanwhile."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(where) / name).lstat().st_size
    return total
