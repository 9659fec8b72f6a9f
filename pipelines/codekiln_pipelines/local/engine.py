"""Podman or docker: which of the two is there, what it can do, and how it is called."""

import dataclasses
import json
import os
import shutil
import subprocess
from typing import Any

from codekiln.core.errors import InputError, ServiceError

KNOWN = ("podman", "docker")
"""In the order in which they are tried."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Engine:
    """A container engine that answers."""

    program: str
    is_podman: bool
    """`docker` is podman on some machines."""
    rootless: bool
    controllers: frozenset[str]
    """What it can limit: memory, cpu, pids."""

    def attempt(
        self, *argv: str, timeout_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Call the engine, whatever comes of it; Ctrl-C does not reach the call."""
        return _attempt(self.program, *argv, timeout_s=timeout_s)

    def call(self, *argv: str) -> str:
        """Return what the engine prints; raises ServiceError with its own words if it fails."""
        done = self.attempt(*argv)
        if done.returncode:
            raise ServiceError(f"{self.program} {argv[0]} failed: {last_words(done.stderr)}")
        return done.stdout.strip()

    def has_image(self, image: str) -> bool:
        """Say whether `image` is on this machine."""
        return self.attempt("image", "inspect", "--format={{.Id}}", image).returncode == 0

    def inspect(self, container: str) -> dict[str, Any]:
        """Return what the engine knows of a container; raises ServiceError if there is none."""
        told: list[dict[str, Any]] = json.loads(self.call("inspect", "--type=container", container))
        return told[0]

    def remove(self, *containers: str) -> None:
        """Remove containers that are there, running or not."""
        try:
            self.attempt("rm", "--force", "--volumes", *containers)
        except KeyboardInterrupt:
            # Who cannot wait for the end of a step presses Ctrl-C twice: even so nothing stays.
            self.attempt("rm", "--force", "--volumes", *containers)
            raise

    def identity(self) -> list[str]:
        """Return the flags that make files in mounted folders belong to this user."""
        if self.rootless and not self.is_podman:
            # Rootless docker maps its root, and nobody else, to the user.
            return ["--user=0:0"]
        user = f"--user={os.getuid()}:{os.getgid()}"
        return ["--userns=keep-id", user] if self.rootless else [user]


def find(name: str | None = None) -> Engine:
    """Return the engine `name`, or the first that answers; raises InputError if none does."""
    programs = [program for program in ([name] if name else KNOWN) if shutil.which(program)]
    if not programs:
        wanted = name or " or ".join(KNOWN)
        raise InputError(
            f"no {wanted} on the PATH, and a run as containers needs it: install it "
            "(Debian: apt-get install podman), or run without --containers"
        )
    faults = []
    for program in programs:
        done = _attempt(program, "info", "--format={{json .}}")
        if done.returncode == 0:
            return _read(program, json.loads(done.stdout))
        faults.append(f"{program} does not answer: {last_words(done.stderr)}")
    raise InputError(f"{'; '.join(faults)}; mend that, or run without --containers")


def _read(program: str, told: dict[str, Any]) -> Engine:
    """Read what `info` says, in podman's words or in docker's."""
    if "host" in told:
        host = told["host"]
        return Engine(
            program=program,
            is_podman=True,
            rootless=host["security"]["rootless"],
            controllers=frozenset(host.get("cgroupControllers") or ()),
        )
    known = {"memory": "MemoryLimit", "cpu": "CpuCfsQuota", "pids": "PidsLimit"}
    if told.get("ServerErrors"):
        raise InputError(f"{program} does not answer: {told['ServerErrors'][0]}; start its daemon")
    return Engine(
        program=program,
        is_podman=False,
        rootless=any("rootless" in option for option in told.get("SecurityOptions") or ()),
        controllers=frozenset(name for name, key in known.items() if told.get(key)),
    )


def _attempt(
    program: str, *argv: str, timeout_s: float | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *argv],
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        # A terminal sends Ctrl-C to all it started; the engine is to end what it was asked.
        start_new_session=True,
    )


def last_words(said: str) -> str:
    """Return the last line that an engine complained with, without its `Error:`."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    last = lines[-1] if lines else "no message"
    return last.removeprefix("Error: ").removeprefix("Error response from daemon: ")
