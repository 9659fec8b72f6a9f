"""A step as a process of this Python: the container's command, without its image."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from codekiln_pipelines.local.step import GOOD_NEIGHBOR, OBEDIENT, Ending, Step


class Processes:
    """Carries steps out as processes; they inherit the lock of the run."""

    def __init__(self, lock: int) -> None:
        """Let every step hold the descriptor `lock` too."""
        self.lock = lock

    @contextlib.contextmanager
    def work(self, step: Step) -> Iterator["Process"]:
        """Start the container's command with this Python; the image's name for it is `python`."""
        with subprocess.Popen(
            [sys.executable, *step.command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=(self.lock,),
            # Ctrl-C reaches this process alone, which asks the step to stop and waits for it.
            start_new_session=True,
            env={**GOOD_NEIGHBOR, **os.environ, **step.environment, **OBEDIENT},
        ) as process:
            yield Process(process)


class Process:
    """A step at work as a process.

    Of its end the kernel tells once: only who waits may ask, so no signal goes by way of
    subprocess, which asks first.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take the running process over."""
        self.process = process

    def ask_to_stop(self) -> None:
        """Interrupt it, as Ctrl-C would."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def ending(self) -> Ending:
        """Wait for it; the kernel tells what it used."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = code = os.waitstatus_to_exitcode(status)
        return Ending(
            exit_code=code,
            cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
            max_rss_mib=round(usage.ru_maxrss / 1024, 1),
        )
