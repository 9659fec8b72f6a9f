"""A step as a container of the image that the package names.

Created, started with its output attached, waited for, asked how it ended, removed: in this order
an exit code cannot be lost (kfp.local's own runner starts with auto-remove and takes a container
that is gone for one that succeeded). Nothing is pulled.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.local import limits, mounts, steps, surroundings
from codekiln_pipelines.local.cgroup import Meter
from codekiln_pipelines.local.engine import Engine, last_words
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import GOOD_NEIGHBOR, OBEDIENT, Ending, NotStartedError, Step

LABEL = "codekiln.run"
PIDS = 8192
SHARED_MEMORY_BYTES = 2 << 30
"""Workers that load batches hand them over in /dev/shm."""
YOUNG_S = 1.0
"""A Python this young may not listen to Ctrl-C yet, and the first process of a container that
does not listen never hears of it."""
PATIENCE_S = 30.0
"""How long an engine may take to start a container that is to be interrupted."""
OOM_MARK = "oom"
"""What conmon, which podman starts, leaves in its caller's folder; podman 4.3 misses it there."""
NOT_STARTED, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
"""As in `podman run` and `docker run`."""


class Containers:
    """Carries steps out as containers."""

    def __init__(
        self, engine: Engine, run: Path, label: str, package: Mapping[str, Any], over: Limits
    ) -> None:
        """Work for the run in the folder `run`, whose containers carry `label`."""
        self.engine = engine
        self.run = run
        self.label = label
        self.package = dict(package)
        self.over = over

    @contextlib.contextmanager
    def work(self, step: Step) -> Iterator["Container"]:
        """Create the container of `step` and start it; it is gone when the block is left."""
        name = f"codekiln-{self.label}-{step.task}"
        allowed = self._limits_of(step)
        try:
            self._create(name, step, allowed)
            with self._attached(name, step) as client:
                container = Container(self.engine, name, step, allowed, client)
                with contextlib.closing(container):
                    yield container
        finally:
            self.engine.remove(name)
            shutil.rmtree(mounts.scratch_of(step), ignore_errors=True)

    def _create(self, name: str, step: Step, allowed: Limits) -> None:
        if not self.engine.has_image(step.image):
            raise NotStartedError(missing(self.engine, [step.image]), NOT_STARTED)
        try:
            self.engine.call("create", f"--name={name}", *self._flags_of(step, allowed))
        except InputError as error:
            raise NotStartedError(str(error), error.exit_code) from error
        except ServiceError as error:
            raise NotStartedError(str(error), NOT_STARTED) from error

    def _flags_of(self, step: Step, allowed: Limits) -> list[str]:
        variables = os.environ
        network = surroundings.network_of(step, variables, s3_endpoint)
        theirs = surroundings.passed(step, network, variables)
        names = [name for name in theirs if name not in OBEDIENT]
        at_home = surroundings.home_files(network, variables)
        files = (*surroundings.named_files(names, variables), *at_home.values())
        told = {**GOOD_NEIGHBOR, "HOME": "/tmp", **step.environment, **OBEDIENT}  # noqa: S108 -- the container's
        told |= {name: str(path) for name, path in at_home.items()}
        told |= mounts.scratch(step)
        return [
            "--pull=never",
            f"--label={LABEL}={self.label}",
            *confinement(self.engine),
            *room(self.engine, allowed),
            *([f"--network={network}"] if network != surroundings.USUAL else []),
            *(f"--env={name}={value}" for name, value in told.items() if name not in names),
            # By name alone: a value on a command line is there for everyone to read.
            *(f"--env={name}" for name in names),
            *(mount.flag for mount in mounts.mounts_of(step, self.run, files)),
            # The image's own entry point is never used, as on a cluster.
            f"--entrypoint={step.command[0]}",
            step.image,
            *step.command[1:],
        ]

    @contextlib.contextmanager
    def _attached(self, name: str, step: Step) -> Iterator["subprocess.Popen[str]"]:
        """Start a container; what it says, and what the engine says of it, comes out of here."""
        # If this process is killed, the client hears SIGTERM and hands it on to the step.
        guard = ["setpriv", "--pdeathsig=TERM"] if shutil.which("setpriv") else []
        with subprocess.Popen(
            [*guard, self.engine.program, "start", "--attach", name],
            cwd=step.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C reaches this process alone, which asks the step to stop and waits for it.
            start_new_session=True,
        ) as client:
            yield client

    def _limits_of(self, step: Step) -> Limits:
        asked = limits.of_package(self.package, step)
        return limits.laid(asked, self.over, limits.machine())


class Container:
    """A step at work as a container."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        step: Step,
        allowed: Limits,
        client: "subprocess.Popen[str]",
    ) -> None:
        """Watch the container `name`, whose output comes out of `client`."""
        self.process = client
        self._engine = engine
        self._name = name
        self._step = step
        self._allowed = allowed
        self._begun = time.monotonic()
        self._meter = Meter(self._pid)
        self._meter.start()

    def ask_to_stop(self) -> None:
        """Interrupt it, as Ctrl-C would; where it is only starting, as soon as it listens."""
        time.sleep(max(0.0, self._begun + YOUNG_S - time.monotonic()))
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            if self._engine.attempt("kill", "--signal=INT", self._name).returncode == 0:
                return
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill it and all that it started."""
        self._engine.attempt("kill", "--signal=KILL", self._name)

    def close(self) -> None:
        """Stop measuring it."""
        self._meter.stop()

    def ending(self) -> Ending:
        """Wait for its end, and say what the engine knows of it."""
        self._meter.stop()
        try:
            told = self._engine.inspect(self._name)
            if not is_started(told["State"]):
                return self._never_started(told["State"])
            # The client may go before the container; who waits, waits for the container itself.
            self._engine.call("wait", self._name)
            return self._ended(self._engine.inspect(self._name))
        except ServiceError as error:
            # Somebody else removed it: how it ended nobody knows, and that is no success.
            return Ending(exit_code=NOT_STARTED, reason=f"the container is lost: {error}")

    def _ended(self, told: Mapping[str, Any]) -> Ending:
        code = int(told["State"]["ExitCode"])
        peak = self._meter.peak_bytes
        mark = self._step.folder / OOM_MARK
        out_of_memory = told["State"]["OOMKilled"] or self._meter.out_of_memory or mark.exists()
        mark.unlink(missing_ok=True)
        return Ending(
            exit_code=code,
            cpu_seconds=self._meter.cpu_seconds,
            max_rss_mib=None if peak is None else round(peak / (1 << 20), 1),
            image=str(told["Image"]).removeprefix("sha256:"),
            reason=self._reason(code, out_of_memory) if code else "",
        )

    def _never_started(self, state: Mapping[str, Any]) -> Ending:
        said = [line for line in steps.tail(self._step.log, 5) if line.strip()]
        words = last_words(state.get("Error") or "\n".join(said))
        why = f"{self._engine.program} could not start {self._step.image}: {words}"
        return Ending(exit_code=code_of(words), reason=why)

    def _reason(self, code: int, out_of_memory: bool) -> str:
        """Say why it failed where that is no matter of the step's own."""
        limit = self._allowed.memory_bytes
        had = f"its limit was {limits.in_words(limit)}" if limit else "it had no limit"
        if out_of_memory:
            return f"out of memory: {had}; raise it with --memory, or give the step less to do"
        if code == 128 + signal.SIGKILL:
            return (
                f"killed (SIGKILL): out of memory, most likely; {had}; raise it with --memory, or "
                "give the step less to do"
            )
        with contextlib.suppress(ValueError):
            if code > 128:
                return f"ended by {signal.Signals(code - 128).name}"
        return ""

    def _pid(self) -> int:
        try:
            return int(self._engine.inspect(self._name)["State"]["Pid"])
        except (ServiceError, KeyError, ValueError):
            return 0


def s3_endpoint() -> str | None:
    """Return where S3 is for this user, None for AWS; raises InputError without credentials."""
    # botocore takes a moment to import: only runs with a bucket pay for it.
    from codekiln.core.storage import aws

    return aws.account().endpoint


def is_started(state: Mapping[str, Any]) -> bool:
    """Say whether a container ever ran."""
    return not str(state["StartedAt"]).startswith("0001-01-01")


def code_of(words: str) -> int:
    """Return the code that `run` gives for a container that could not be started, by its reason."""
    if "OCI runtime" not in words and "runc" not in words:
        return NOT_STARTED
    if re.search(r"not found|no such file", words, re.IGNORECASE):
        return NOT_FOUND
    return NOT_EXECUTABLE if "permission denied" in words.lower() else NOT_STARTED


def confinement(engine: Engine) -> list[str]:
    """Return the flags that keep a step to its own: as on a cluster, and a little closer."""
    return [
        *engine.identity(),
        "--read-only",
        # /tmp alone is writable; podman would add /run and /var/tmp.
        *(["--read-only-tmpfs=false"] if engine.is_podman else []),
        "--cap-drop=all",
        "--security-opt=no-new-privileges",
        # Under SELinux the user's folders keep their labels, and the step may read them.
        "--security-opt=label=disable",
        # Its output is in the log of the step; the engine need not keep it too.
        "--log-driver=none",
        *(["--http-proxy=false"] if engine.is_podman else []),
    ]


def room(engine: Engine, allowed: Limits) -> list[str]:
    """Return the flags for memory, cores, processes and scratch space."""
    memory = allowed.memory_bytes or limits.machine().memory_bytes or 0
    flags = [
        # torch compiles into /tmp and loads it from there.
        f"--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size={memory // 2}",
        f"--shm-size={min(SHARED_MEMORY_BYTES, memory // 2)}",
    ]
    if "pids" in engine.controllers:
        flags.append(f"--pids-limit={PIDS}")
    if "memory" in engine.controllers and allowed.memory_bytes:
        flags.append(f"--memory={allowed.memory_bytes}")
    if "cpu" in engine.controllers and allowed.cpus:
        flags.append(f"--cpus={allowed.cpus:g}")
    return flags


def images_of(package: Mapping[str, Any]) -> list[str]:
    """Return the images that a package names, each once."""
    executors = package["deploymentSpec"]["executors"].values()
    return sorted({executor["container"]["image"] for executor in executors})


def missing(engine: Engine, images: Iterable[str]) -> str:
    """Say which images are not there, and what to do."""
    listed = ", ".join(images)
    return f"{engine.program} has no image {listed}: build it with `make images`"


def label() -> str:
    """Return a new name for the containers of a run."""
    return uuid.uuid4().hex[:12]
