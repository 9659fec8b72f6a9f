"""Kills a program at each of its storage calls in turn, then lets it go on.

    python killed_data_sets.py FOLDER FIRST STEP     at the calls FIRST, FIRST + STEP, ...

Each life is a fork of this process, which itself never starts a thread. Prints how many lives ended
early; exits with 1 if a data set was left unreadable, or ended with other contents than it should.
"""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pyarrow as pa
from data_sets import BUCKET, Watched, adding, objects, row

from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage import local, probe


def work(dataset: Dataset) -> None:
    """Do one of everything that writes; done again from its start, it ends the same."""
    first = {key: adding(dataset, key, map(row, range(1, 4))) for key in ("a", "b")}
    dataset.commit(first, run="killed", state={"as_of": 1})
    dataset.name(1, "first")
    more = adding(dataset, "a", map(row, range(3, 2 * BUCKET)), [ledger(3)])
    dataset.commit({"a": more, "b": lambda _: None}, run="killed", name="")
    dataset.commit({"c": adding(dataset, "c", [row(5)])}, run="killed")
    dataset.restore("first", run="killed")
    dataset.prune(keep=1, grace=timedelta(0))
    dataset.commit({"d": adding(dataset, "d", [row(6)])}, run="killed")
    dataset.prune(keep=1, grace=timedelta(0))


def ledger(number: int) -> dict[str, object]:
    """Make a line of a ledger."""
    return {"number": number, "outcome": "collected", "reason": ""}


def read(dataset: Dataset) -> dict[str, list[int]]:
    """Read every version that is there, all of it; return the numbers of the newest by key."""
    held = {}
    for version in [*dataset.versions(), *map(dataset.version, dataset.names())]:
        held[version.number] = {
            entry.key: [one["number"] for one in tables.rows(dataset, entry.tables["pulls"])]
            for entry in dataset.entries(version)
        }
    return held[max(held)] if held else {}


WANTED = {"a": [1, 2, 3], "b": [1, 2, 3], "d": [6]}


def survive(folder: Path) -> None:
    """Look at what a killed run left, then do the work from its start, and look again."""
    read(Dataset(local.LocalFolder(folder)))
    dataset = Dataset(local.LocalFolder(folder))
    work(dataset)
    assert read(dataset) == WANTED, read(dataset)
    entries = dataset.newest().entries
    whole = Dataset(local.LocalFolder(folder.with_name("whole")))
    assert entries == whole.newest().entries
    kept = {name for name in objects(dataset) if name.startswith(("e/", "s/"))}
    assert kept == {name for name in objects(whole) if name.startswith(("e/", "s/"))}


def life(action: Callable[[], None]) -> int:
    """Do `action` in a process of its own; return how that ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        action()
    except BaseException:  # noqa: BLE001 -- it must not return into the parent's loop
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def until(point: int, folder: Path) -> None:
    """Work in `folder`, and die at the storage call, or before the file, with this number."""
    left = point

    def step(_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    publish = local._publish

    def published(partial: Path, path: Path, *, create: bool) -> None:
        step(path)
        publish(partial, path, create=create)

    local._publish = published
    work(Dataset(Watched(folder, step)))


def main(folder: Path, first: int, step: int) -> int:
    """Kill at each point until a life comes to its end; return the exit code."""
    # Asked once for each folder otherwise, with 16 threads.
    probe.ROUNDS = 0
    # A disk that loses power is another matter.
    os.fsync = lambda fd: None  # noqa: ARG005 -- the name is part of its type
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    assert life(lambda: work(Dataset(local.LocalFolder(folder / "whole")))) == 0
    place, ended = folder / "killed", 0
    for lives in count():
        point = first + lives * step
        ended = life(partial(until, point, place))
        if life(partial(survive, place)):
            sys.stderr.write(f"killed at point {point}\n")
            return 1
        shutil.rmtree(place)
        if ended != -signal.SIGKILL:
            break
    sys.stdout.write(f"{lives}\n")
    return abs(ended)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
