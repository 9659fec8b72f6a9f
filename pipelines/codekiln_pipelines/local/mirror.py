"""A copy of a run in a store, so that it can go on where its disk is gone.

URI/run.json, URI/pipeline.yaml    what was asked, as in the run's folder
URI/steps/TASK/...                 what a finished step left; step.json last, which makes it whole
URI/checkpoints/                   written by the trainer itself, while it trains
URI/report.html, URI/MANIFEST_DYNAMIC.json

Steps read and write on the disk; the copy is made when a step is finished.
"""

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from codekiln.core.errors import CodekilnError, InputError
from codekiln.core.storage import folders, lease
from codekiln.core.storage.objects import ConflictError, MissingError, Objects, open_store
from codekiln_pipelines import recipes
from codekiln_pipelines.local import runs
from codekiln_pipelines.local.runs import ASKED, STEPS, Run
from codekiln_pipelines.local.step import STEP, Step, folders_of
from codekiln_pipelines.local.told import CHECKPOINTS, places_of


class Mirror:
    """Copies one run into a store."""

    def __init__(
        self, store: Objects, run: Path, refuse_if_lost: Callable[[], None] = lambda: None
    ) -> None:
        """Copy the run in the folder `run`.

        `refuse_if_lost` raises InputError once another process has taken the copy over: this
        machine may have slept.
        """
        self.store = store
        self.run = run
        self.refuse_if_lost = refuse_if_lost

    def claim(self) -> None:
        """Make the copy's run.json; raises InputError if there is another run of this name."""
        try:
            self.store.write(ASKED, (self.run / ASKED).read_bytes(), create=True)
        except ConflictError as error:
            raise InputError(
                f"{self.store.uri} holds a run already: go on with it by --resume "
                f"{self.store.uri}, or give another --artifacts"
            ) from error

    def put(self, *names: str) -> None:
        """Copy files from the top of the run; one that is not there is not to be in the copy."""
        self.refuse_if_lost()
        for name in names:
            if (self.run / name).is_file():
                self.store.upload(name, self.run / name)
            else:
                self.store.delete(name)

    def fetch(self) -> list[str]:
        """Fetch the finished steps that are not on the disk; returns their names."""
        records = [name.split("/") for name in self.store.names(f"{STEPS}/")]
        tasks = [parts[1] for parts in records if len(parts) == 3 and parts[2] == STEP]
        lacking = [task for task in tasks if not (self.run / STEPS / task / STEP).is_file()]
        for task in lacking:
            folder = self.run / STEPS / task
            partial = folder.with_name(f"{task}.partial")
            for stale in (folder, partial):
                shutil.rmtree(stale, ignore_errors=True)
            folders.download(self.store, partial, f"{STEPS}/{task}")
            partial.rename(folder)
        return lacking

    def keep(self, step: Step) -> None:
        """Copy what `step` left, its step.json last; nothing if that is there already."""
        record = f"{prefix_of(step)}/{STEP}"
        if self._holds(record, (step.folder / STEP).read_bytes()):
            return
        self.refuse_if_lost()
        self.store.delete(record)
        self._replace(step)
        self.refuse_if_lost()
        self.store.upload(record, step.folder / STEP)

    def _replace(self, step: Step) -> None:
        """Copy the files and outputs of `step` but its step.json; remove what was there before.

        Other folders are for this disk alone: what the trainer keeps of checkpoints that are in
        the store already.
        """
        prefix = prefix_of(step)
        before = set(self.store.names(f"{prefix}/"))
        sent = {f"{prefix}/{STEP}"}
        outputs = set(folders_of(step))
        for path in sorted(step.folder.iterdir()) if step.folder.is_dir() else []:
            name = f"{prefix}/{path.name}"
            if path in outputs:
                sent |= set(folders.upload(self.store, path, name))
            elif path.is_file() and name not in sent:
                self.store.upload(name, path)
                sent.add(name)
        for name in before - sent:
            self.store.delete(name)

    def _holds(self, name: str, data: bytes) -> bool:
        try:
            return self.store.read(name) == data
        except MissingError:
            return False


def prefix_of(step: Step) -> str:
    """Return where the copy of `step` lies in that of its run."""
    return f"{STEPS}/{step.task}"


def joined(uri: str, *names: str) -> str:
    """Return the URI of what lies under `uri`."""
    return "/".join((uri.rstrip("/"), *names))


def with_checkpoints(
    parameters: Mapping[str, str], package: dict[str, Any], uri: str
) -> dict[str, str]:
    """Let the trainers of `package` keep their checkpoints in the copy at `uri`."""
    told = {
        phase: {CHECKPOINTS: joined(uri, CHECKPOINTS)}
        for phase in recipes.phases_of(package)
        if CHECKPOINTS in places_of(phase)
    }
    # What the user says of them comes first.
    return recipes.over({recipes.CONFIG: json.dumps(told)}, parameters)


def begin(uri: str, run: Run, package: dict[str, Any]) -> Run:
    """Give the new `run` a copy under `uri`, and let its checkpoints lie there.

    Raises InputError, and leaves no folder of the run, if there can be no copy.
    """
    place = joined(uri, run.folder.name)
    parameters = with_checkpoints(run.parameters, package, place)
    copied = dataclasses.replace(run, parameters=parameters, artifacts=place)
    try:
        if "://" not in uri:
            raise InputError(f"--artifacts is {uri}; give s3://BUCKET/PREFIX or file:///FOLDER")
        # With no bucket in it, what is joined to it would be a path of this disk.
        open_store(uri)
        runs.record(copied)
        Mirror(open_store(place), run.folder).claim()
    except CodekilnError:
        shutil.rmtree(run.folder)
        with contextlib.suppress(OSError):
            run.folder.parent.rmdir()
        raise
    return copied


@contextlib.contextmanager
def held(run: Run) -> Iterator[Mirror | None]:
    """Hold the copy of `run` for this process alone; None if it has none.

    Raises InputError if another process is at work in it.
    """
    if not run.artifacts:
        yield None
        return
    store = open_store(run.artifacts)
    with lease.held(store) as ours:
        yield Mirror(store, run.folder, ours.check)


def find(uri: str, base: Path) -> Run:
    """Read which run the copy at `uri` is of; its folder is to be under `base`.

    Raises InputError if there is no run, ServiceError if the store does not answer.
    """
    try:
        asked = json.loads(open_store(uri).read(ASKED))
        return Run(
            folder=(base / uri.rstrip("/").rpartition("/")[2]).resolve(),
            pipeline=asked["pipeline"],
            parameters=asked["parameters"],
            artifacts=uri.rstrip("/"),
        )
    except MissingError as error:
        raise InputError(f"{uri} holds no run ({ASKED} is missing); see what is there") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{uri} holds no run ({ASKED}: {error}); see what is there") from error
