#!/usr/bin/env python3
"""Pin what goes into each image: one lock a family in images/locks, with the hash of every file.

`make images-lock` runs it after a change of pyproject.toml or constraints.txt. The versions are
those of constraints.txt; what only builds (pip, setuptools, hatchling, the lister of parts, Go)
keeps its version until its lock is removed. For Linux on x86_64 and Python 3.11, as the images are.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "images/locks"

FAMILIES: dict[str, tuple[str, ...]] = {
    "core": (),
    "history": ("history",),
    "plan": ("history", "plan"),
    "tokens": ("history", "tokens"),
    "report": ("history", "report"),
    "github": ("history", "github"),
    "examples": ("history", "examples"),
    "corpus": ("history", "corpus"),
    "packing": ("history", "packing"),
    "train": ("train",),
    "embed": ("train", "embed"),
    "pipelines": ("history", "peek", "pipelines"),
    "train-cuda": ("train",),
}
"""The extras of pyproject.toml that a family of images installs; each holds all of the family that
it stands on in the Containerfile."""

ON_CPU = frozenset({"train", "embed"})
"""Families that take torch's CPU build, whose version ends in `+cpu`; PyPI's is built for CUDA."""

BUILDERS = ("pip", "setuptools", "tools", "go")
"""Locks made from a file of their own, NAME.in."""

TORCH_LINKS = "https://download.pytorch.org/whl/cpu/torch/"
"""Where the CPU build is; TORCH_LINKS in the environment may name a folder with its wheel."""

COMPILE = (
    "pip", "compile", "--quiet", "--no-config", "--generate-hashes",
    "--custom-compile-command=make images-lock",
    "--python-version=3.11", "--python-platform=x86_64-manylinux_2_28",
)  # fmt: skip


def main() -> None:
    """Make every lock anew."""
    for family in FAMILIES:
        lock_family(family)
    for name in BUILDERS:
        compile_lock(name, [f"images/locks/{name}.in"])


def lock_family(family: str) -> None:
    """Resolve the extras of `family` within constraints.txt."""
    extras = [f"--extra={extra}" for extra in FAMILIES[family]]
    sources = ["pyproject.toml", "--constraints=constraints.txt", *extras]
    if family not in ON_CPU:
        compile_lock(family, sources)
        return
    links = os.environ.get("TORCH_LINKS", TORCH_LINKS)
    compile_lock(
        family, [*sources, f"--find-links={links}", "-"], f"torch=={torch_version()}+cpu\n"
    )


def compile_lock(name: str, sources: list[str], more: str = "") -> None:
    """Write the lock `name` from `sources`; `more` stands for the source `-`."""
    uv = Path(sys.executable).with_name("uv")
    into = f"--output-file={LOCKS.relative_to(ROOT)}/{name}.txt"
    subprocess.run([uv, *COMPILE, *sources, into], cwd=ROOT, input=more, text=True, check=True)


def torch_version() -> str:
    """Read the version of torch from constraints.txt."""
    found = re.search(r"^torch==(\S+)$", ROOT.joinpath("constraints.txt").read_text(), re.MULTILINE)
    if found is None:
        sys.exit("codekiln: constraints.txt does not pin torch: run `make lock`")
    return found[1]


if __name__ == "__main__":
    main()
