"""The machine that this runs on: Python, git, space, memory, cores, and how it writes text."""

import contextlib
import dataclasses
import locale
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from codekiln.core import cores
from codekiln.core.git import command
from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn
from codekiln_pipelines.local.limits import in_words

MIB, GIB = 1 << 20, 1 << 30
OLDEST_PYTHON = (3, 11)
OLDEST_CONFIGURABLE_GIT = (2, 32)
"""The first that honors GIT_CONFIG_GLOBAL, and so can be told to leave the user's settings out."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Need:
    """What a recipe takes of a machine, in bytes."""

    recipe: str
    memory: int
    disk: int


LAPTOP = Need(recipe="laptop", memory=2 * GIB, disk=1 * GIB)
"""Measured on codekiln's own history: 0.9 GiB at the peak, in train_model, and 53 MB on disk;
of 3,000 commits the vectors, records and tokens are more."""
FULL = Need(recipe="full", memory=16 * GIB, disk=32 * GIB)
"""GPT-2 medium: 356 M weights take 16 bytes each while they are trained, 5.3 GiB, and 12 in a
checkpoint, 4 GiB: two and the best are kept while one more is written."""
SCRATCH = 1 * GIB
"""Of /tmp: clones of repositories given by URL."""
OURS = 32 * MIB
"""Of /tmp: what the doctor itself writes, where no run does."""
SHARED = 64 * MIB
"""Of /dev/shm: what docker gives a container by default, and enough for batches of token ids."""


def subject(work: Path, *, in_pod: bool, asked: bool) -> Subject:
    """Return the checks of this machine, whose runs go into `work`; in a pod it runs none."""
    here = [
        Check(name="machine.python", look=lambda: python(sys.version_info[:3])),
        Check(name="machine.locale", look=lambda: text(*encodings())),
        Check(
            name="machine.space.tmp",
            look=lambda: scratch(Path(tempfile.gettempdir()), OURS if in_pod else SCRATCH),
            remedy="mount a writable /tmp, or set TMPDIR to a writable folder",
        ),
    ]
    runs = [
        Check(name="machine.git", look=lambda: git(command.version(command.Git()))),
        Check(name="machine.space.work", look=lambda: work_space(work)),
        Check(name="machine.space.shm", look=lambda: shared(Path("/dev/shm"))),  # noqa: S108
        Check(name="machine.memory", look=lambda: memory(*memory_bytes())),
        Check(name="machine.cores", look=lambda: judged_cores(cores.usable())),
    ]
    return Subject(name="machine", checks=here if in_pod else [*here, *runs], asked=asked)


def python(version: Sequence[int]) -> Finding:
    """Judge the version of Python."""
    told = f"{'.'.join(map(str, version))} on {platform.system()} {platform.machine()}"
    if tuple(version) < OLDEST_PYTHON:
        return fail(told, "install Python 3.11 or newer, then: make clean setup")
    return ok(told)


def git(version: Sequence[int]) -> Finding:
    """Judge the version of git; one that is missing or too old has raised InputError before."""
    told = f"git {'.'.join(map(str, version))}"
    if tuple(version) < OLDEST_CONFIGURABLE_GIT:
        wanted = ".".join(map(str, OLDEST_CONFIGURABLE_GIT))
        return warn(
            f"{told} reads your ~/.gitconfig while it mines, which may change diffs",
            f"install git {wanted} or newer",
        )
    return ok(told)


def encodings() -> tuple[str, str]:
    """Return how names of files and texts are encoded here."""
    return sys.getfilesystemencoding(), locale.getpreferredencoding(do_setlocale=False)


def text(*encodings: str) -> Finding:
    """Judge how this machine encodes text."""
    others = [name for name in encodings if name.lower().replace("-", "") != "utf8"]
    if others:
        return warn(
            f"text is {others[0]} here: names of files and authors may break",
            "export LANG=C.UTF-8, or set PYTHONUTF8=1",
        )
    return ok("UTF-8")


def free_of(folder: Path) -> int:
    """Return the free bytes of `folder`, or of the next one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def scratch(folder: Path, wanted: int, free: Callable[[Path], int] = free_of) -> Finding:
    """Judge the folder of temporary files."""
    if (there := free(folder)) < wanted:
        return warn(
            f"{folder} has {in_words(there)} free of the {in_words(wanted)} that it may take",
            "free some, or set TMPDIR to a folder with more",
        )
    return ok(f"{folder} has {in_words(there)} free")


def work_space(work: Path) -> Finding:
    """Judge the folder of runs, whether it is there already or not."""
    there = next(
        folder for folder in (work.absolute(), *work.absolute().parents) if folder.exists()
    )
    if not os.access(there, os.W_OK | os.X_OK):
        return fail(f"{there} cannot be written", "give another folder with --work, or run there")
    return work_disk(str(work), free_of(work))


def work_disk(where: str, free: int) -> Finding:
    """Judge the free bytes of the folder of runs against the recipes."""
    told = f"{where} has {in_words(free)} free"
    if free < LAPTOP.disk:
        return fail(
            f"{told}, and a run of the recipe {LAPTOP.recipe} takes {in_words(LAPTOP.disk)}",
            "free some space, or run in a folder that has more",
        )
    return ok(f"{told}{_not_for_full(free < FULL.disk, FULL.disk)}")


def shared(folder: Path, free: Callable[[Path], int] = free_of) -> Finding:
    """Judge the memory that workers of a training share with it."""
    if not folder.exists():
        return skip(f"no {folder} on this system: none is needed")
    if (there := free(folder)) < SHARED:
        return warn(
            f"{folder} has {in_words(there)} free of the {in_words(SHARED)} that workers may take",
            "run the container with --shm-size=1g, or set workers of the section training to 0",
        )
    return ok(f"{folder} has {in_words(there)} free")


def memory(total: int, available: int) -> Finding:
    """Judge the memory of this machine, or of the container that this is."""
    told = f"{in_words(available)} of {in_words(total)} available"
    if total < LAPTOP.memory:
        return fail(
            f"{told}, and the recipe {LAPTOP.recipe} takes {in_words(LAPTOP.memory)}",
            "use a machine with more memory, or the recipe smoke",
        )
    if available < LAPTOP.memory:
        return warn(
            f"{told}, and the recipe {LAPTOP.recipe} takes {in_words(LAPTOP.memory)}",
            "close other programs before a run",
        )
    return ok(f"{told}{_not_for_full(total < FULL.memory, FULL.memory)}")


def _not_for_full(is_short: bool, wanted: int) -> str:
    return f"; the recipe {FULL.recipe} takes {in_words(wanted)}" if is_short else ""


def memory_bytes(
    proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")
) -> tuple[int, int]:
    """Return how much memory there is, and how much is available; a container has its own limit."""
    kib = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _text(proc / "meminfo"), re.MULTILINE))
    if not kib:  # not Linux
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return total, total
    total, available = int(kib["MemTotal"]) * 1024, int(kib["MemAvailable"]) * 1024
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        if (most := _text(groups / limit).strip()).isdigit() and int(most) < total:
            left = int(most) - int(_text(groups / used) or 0)
            return int(most), min(available, max(0, left))
    return total, available


def judged_cores(count: int) -> Finding:
    """Judge the number of cores."""
    if count < 2:
        return warn("1 core: mining and training take turns", "give the machine two or more")
    return ok(f"{count} cores")


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace")
    return ""
