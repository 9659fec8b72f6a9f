"""The folder of a run: where it is, what it was asked, and who is at work in it.

RUN/run.json               what was asked
RUN/pipeline.yaml          the compiled package that runs
RUN/steps/TASK/            log.txt, step.json, executor_output.json and a folder an output
RUN/checkpoints/           what a stopped training goes on from
RUN/containers.json        engine and label of its containers, if it ever had any
RUN/report.html, RUN/MANIFEST_DYNAMIC.json
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json

ASKED = "run.json"
LOCK = "lock"
STEPS = "steps"
LOCK_WAIT_S = 60.0
"""How long a resumed run waits for a step of the killed one to save and go."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one pipeline."""

    folder: Path
    pipeline: str
    parameters: Mapping[str, str]
    """Values of the pipeline's parameters."""
    artifacts: str = ""
    """URI of its copy in a store, see mirror.py; empty: it has none."""

    @property
    def steps(self) -> Path:
        """Return the folder that holds a folder for each step."""
        return self.folder / STEPS


def create(base: Path, pipeline: str, parameters: Mapping[str, str], now: datetime) -> Run:
    """Make the folder of a new run under `base`; raises InputError if it cannot be written."""
    subject = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(parameters.get("repository", "")).stem)
    name = "-".join(filter(None, [pipeline, subject.strip("-."), f"{now:%Y%m%d-%H%M%S}"]))
    run = Run(folder=_unused(base / name), pipeline=pipeline, parameters=parameters)
    try:
        run.steps.mkdir(parents=True)
        record(run)
    except OSError as error:
        raise InputError(
            f"cannot write into {base}: {error.strerror}; give another with --runs"
        ) from error
    return run


def _unused(folder: Path) -> Path:
    """Return `folder`, or the first of folder-2, folder-3 ... that is not there yet."""
    number = 1
    while (tried := folder if number == 1 else Path(f"{folder}-{number}")).exists():
        number += 1
    return tried


def record(run: Run) -> None:
    """Write run.json."""
    told = {"pipeline": run.pipeline, "parameters": dict(run.parameters)}
    write_json(run.folder / ASKED, {**told, "artifacts": run.artifacts})


def load(folder: Path) -> Run:
    """Read run.json of `folder`; raises InputError if it holds no run."""
    try:
        asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        return Run(
            folder=folder.resolve(),
            pipeline=asked["pipeline"],
            parameters=asked["parameters"],
            artifacts=asked.get("artifacts", ""),
        )
    except OSError as error:
        told = f"{ASKED}: {error.strerror}"
        raise InputError(f"{folder} holds no run ({told}); see what is there") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} holds no run ({ASKED}: {error}); see what is there") from error


def refuse_links(folder: Path) -> None:
    """Raise InputError if there is a link in the run `folder`, which no run of ours makes.

    What a run that goes on writes there would be written to wherever the link leads.
    """
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            if path.is_symlink():
                raise InputError(
                    f"{path} is a link, and a run makes none: if you know it, put what it leads to "
                    "in its place; else see who made this run"
                )


def latest(base: Path, pipeline: str, repository: str | None = None) -> Run:
    """Return the newest run of `pipeline` under `base`, of `repository` if one is named.

    Raises InputError if there is none.
    """
    for run in newest(base, pipeline):
        if repository in (None, run.parameters.get("repository")):
            return run
    of = f" of {repository}" if repository else ""
    raise InputError(f"{base} holds no run of {pipeline}{of}; start one without --resume")


def newest(base: Path, pipeline: str) -> Iterator[Run]:
    """Yield the runs of `pipeline` under `base`, the newest first."""
    found = sorted(base.glob(f"*/{ASKED}"), key=lambda path: path.stat().st_mtime, reverse=True)
    yield from (run for run in (load(path.parent) for path in found) if run.pipeline == pipeline)


@contextlib.contextmanager
def locked(run: Run) -> Iterator[int]:
    """Hold the run for this process and its steps; yields the descriptor that they inherit.

    Raises InputError if another process holds it for longer than LOCK_WAIT_S.
    """
    descriptor = os.open(run.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, run)
        os.set_inheritable(descriptor, True)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, run: Run) -> None:
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise InputError(
                    f"{run.folder} is at work in another process; wait for it or stop it"
                ) from error
            time.sleep(0.2)
        else:
            return
