"""Who carries out the steps of a run: processes of this Python, or containers of podman or docker.

RUN/containers.json names the engine and the label of a run's containers, from before the first one
is created: whoever resumes the run, as containers or not, first ends what a killed process left.
"""

import argparse
import dataclasses
import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln_pipelines.local import containers, engine, limits, steps
from codekiln_pipelines.local.containers import Containers
from codekiln_pipelines.local.engine import Engine
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.processes import Processes
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.step import Worker

RECORD = "containers.json"
LABEL = re.compile(r"[0-9a-f]{12}")
"""What `containers.label` gives."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Means:
    """What a run was told about its workers."""

    engine: Engine | None = None
    """None: steps are processes."""
    over: Limits = dataclasses.field(default_factory=Limits)
    """Limits of the user's, laid over those of the package."""

    @property
    def flags(self) -> str:
        """Return the flag that asks for the same once more."""
        return " --containers" if self.engine else ""

    def worker(self, run: Run, package: Mapping[str, Any], lock: int) -> Worker:
        """Return who carries out the steps of `run`, for whoever holds its lock."""
        if self.engine is None:
            return Processes(lock)
        label = str((read(run) or {}).get("label") or containers.label())
        write_json(run.folder / RECORD, {"engine": self.engine.program, "label": label})
        return Containers(self.engine, run.folder, label, package, self.over)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that `asked` reads."""
    parser.add_argument(
        "--containers",
        action="store_true",
        default=False,
        help="run each step as a container of its image (see make images)",
    )
    known = "|".join(engine.KNOWN)
    told = f"engine of the containers (default: {' or '.join(engine.KNOWN)}, whichever is there)"
    parser.add_argument("--engine", default=None, metavar=known, help=told)
    parser.add_argument(
        "--memory", default=None, metavar="8g", help="memory of each container (default: its own)"
    )
    parser.add_argument(
        "--cpus", default=None, metavar="N", help="cores of each container (default: its own)"
    )


def asked(told: Mapping[str, Any], package: Mapping[str, Any]) -> Means:
    """Read the flags; raises InputError unless all that containers need is there."""
    if not told["containers"]:
        for name in ("engine", "memory", "cpus"):
            if told[name] is not None:
                raise InputError(f"--{name} is for containers: give --containers too")
        return Means()
    if told["engine"] not in (None, *engine.KNOWN):
        raise InputError(f"--engine is {told['engine']!r}; it must be {' or '.join(engine.KNOWN)}")
    over = limits.of_user(told["memory"], told["cpus"])
    found = engine.find(told["engine"])
    for name, wanted in (("memory", over.memory_bytes), ("cpu", over.cpus)):
        if wanted and name not in found.controllers:
            raise InputError(
                f"{found.program} may not limit {name} here: leave the flag out, or let the system "
                f"delegate the cgroup controller {name} to you"
            )
    absent = [image for image in containers.images_of(package) if not found.has_image(image)]
    if absent:
        raise InputError(containers.missing(found, absent))
    return Means(engine=found, over=over)


def read(run: Run) -> dict[str, str] | None:
    """Return the engine and the label of the containers of `run`, if it ever had any.

    The folder may be somebody else's. Raises InputError if it names a program that is no engine,
    which would be run, or a label of other runs, whose containers would be ended.
    """
    path = run.folder / RECORD
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        name, label = told["engine"], told["label"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if name not in engine.KNOWN or not LABEL.fullmatch(str(label)):
        raise InputError(
            f"{path} is none of ours: it names no engine, or no label of a run; see who wrote it, "
            "and remove it if no container of this run is left"
        )
    return {"engine": name, "label": label}


def end_strays(run: Run) -> list[str]:
    """End the containers that a killed process left of `run`; says what became of them.

    Each may save what it has, as after Ctrl-C. Raises ServiceError if the engine does not do it.
    """
    told = read(run)
    if told is None:
        return []
    try:
        begun = engine.find(told["engine"])
    except InputError:
        # A run that was moved to a machine without the engine has left no container there.
        return [f"{told['engine']} is not here: what it may still run of this run is not ended"]
    ours = f"--filter=label={containers.LABEL}={told['label']}"
    names = begun.call("ps", "--all", ours, "--format={{.Names}}").split()
    for name in names:
        begun.attempt("kill", "--signal=INT", name)
    for name in names:
        _wait(begun, name)
        begun.remove(name)
    return [f"ended {name}, which a killed process had left" for name in names]


def _wait(begun: Engine, name: str) -> None:
    """Wait until a container has ended, GRACE_S at most."""
    try:
        begun.attempt("wait", name, timeout_s=steps.GRACE_S)
    except subprocess.TimeoutExpired:
        begun.attempt("kill", "--signal=KILL", name)
