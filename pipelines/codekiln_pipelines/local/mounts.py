"""Which folders of this machine a step as a container sees, and whether it may write there.

The run's folder, and where else it is told to keep checkpoints and data, to write into. What the
step is told of and finds on this machine (the repository, a tokenizer, a pretrained model), read
only. All at the same path, so that one command fits both a process and a container. Nothing else.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from codekiln.core.errors import InputError
from codekiln.core.git import repository
from codekiln.core.storage.objects import is_remote, local_path
from codekiln_pipelines.cluster import NEEDS
from codekiln_pipelines.local import told
from codekiln_pipelines.local.step import Step

SYSTEM_NAMES = (
    "bin boot dev etc home lib lib32 lib64 media mnt opt proc root run sbin srv sys tmp usr var"
)
SYSTEM = frozenset({Path("/"), *(Path("/", name) for name in SYSTEM_NAMES.split())})
"""Folders that the image brings itself: mounted, they would hide what the step runs on."""


@dataclasses.dataclass(frozen=True, order=True)
class Mount:
    """A path of this machine that stands at the same path in a container."""

    path: Path
    writable: bool = False

    @property
    def flag(self) -> str:
        """Return the flag of podman and docker; raises InputError if the path cannot be said."""
        if any(mark in str(self.path) for mark in ',"\n'):
            raise InputError(
                f"{self.path} has a comma, a quote or a line break in its path, which no container "
                "engine mounts; rename it"
            )
        mode = "" if self.writable else ",readonly"
        return f"--mount=type=bind,source={self.path},destination={self.path}{mode}"


def mounts_of(step: Step, run: Path, files: Iterable[Path] = ()) -> list[Mount]:
    """Return what `step` sees, parents first: its run, what it is told of, and `files`.

    Where it is told to keep its checkpoints, and data, is made if it is not there.
    """
    found = [Mount(run, writable=True)]
    for place in (told.checkpoints(step), *told.places(step)):
        kept = Path() if is_remote(place) else local_path(place)
        if kept.is_absolute() and not kept.is_relative_to(run):
            kept.mkdir(parents=True, exist_ok=True)
            found.append(Mount(kept, writable=True))
    asked = [place for path in inputs_of(step) for place in needed(path)]
    for path in sorted({*asked, *files}):
        if not any(path.is_relative_to(other.path) for other in found):
            found.append(Mount(path))
    return sorted(found)


def scratch(step: Step) -> dict[str, str]:
    """Return the variable that sends scratch files of `step` to a disk, for its /tmp is memory.

    Empty where they fit into memory; else their folder is made, in that of the step.
    """
    if step.phase not in NEEDS or not NEEDS[step.phase].disk:
        return {}
    scratch_of(step).mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(scratch_of(step))}


def scratch_of(step: Step) -> Path:
    """Return the folder for scratch files of `step`, which is gone when the step ends."""
    return step.folder / "scratch"


def inputs_of(step: Step) -> Iterator[Path]:
    """Yield the paths that `step` is told: in parameters, sections, artifacts, what those name."""
    for text in (*told.words(step), *told.artifacts(step), *told.referred(step)):
        path = Path(text)
        if path.is_absolute() and path not in SYSTEM and is_there(path):
            yield path


def is_there(path: Path) -> bool:
    """Say whether `path` is a folder or a file; a text that is no path at all is none."""
    try:
        return path.is_dir() or path.is_file()
    except (OSError, ValueError):
        return False


def needed(path: Path) -> Iterator[Path]:
    """Yield `path` and what it leads to outside of itself."""
    yield path
    outside = stores_of(path) if path.is_dir() else []
    linked = links_of(path) if path.is_dir() and not outside else []
    for other in (*outside, *linked):
        if not other.is_relative_to(path):
            yield other


def stores_of(path: Path) -> list[Path]:
    """Return where a repository keeps its refs and objects; nothing if `path` is none.

    A linked worktree and a submodule keep them elsewhere, and objects may be borrowed.
    """
    try:
        git_dir, common, objects, _ = repository.places(path)
    except InputError:
        # No repository, or no git on this machine: the step says what it misses.
        return []
    return [git_dir, common, objects, *(place.resolve() for place in lenders(objects, set()))]


def lenders(objects: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield the object folders that `objects` borrows from, and those they borrow from."""
    if objects in seen:
        return
    seen.add(objects)
    yield objects
    try:
        listed = (objects / "info" / "alternates").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return
    for line in listed.splitlines():
        # Whoever made the repository wrote this: any folder may stand here, the whole disk too.
        if line and not line.startswith("#") and (objects / line / "pack").is_dir():
            yield from lenders(objects / line, seen)


def links_of(folder: Path) -> Iterator[Path]:
    """Yield the files that links in a folder of a model lead to: a download cache is made of them.

    No folder: whoever made the model may have had the whole disk in mind.
    """
    for path in (*folder.glob("*"), *folder.glob("*/*")):
        if path.is_symlink() and is_there(path) and not path.is_dir():
            yield path.resolve()
