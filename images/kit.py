"""What the build stages of the Containerfile run; each command leaves one folder under /layers.

It runs before anything is installed, so it imports the standard library alone.
"""

import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

KIT = Path("/kit")
"""Where the locks lie, and what installs and builds."""

HOME = Path("/opt/codekiln")
"""The virtual environment that is shipped."""

LAYERS = Path("/layers")
"""What a stage leaves for the image: a tree from the root in a folder with the layer's name."""

HELD = ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-compile", "--no-cache-dir")
"""Nothing is installed but what a lock names, with its hash."""


def call(*command: str | Path, path: str = "") -> None:
    """Run `command`, with `path` for what its Python may import; a failure ends the build."""
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path})


def pip(*arguments: str | Path, beside: str = "") -> None:
    """Run the kit's own pip; `beside` names what a build needs to import."""
    call(sys.executable, "-m", "pip", "--quiet", *arguments, path=f"{KIT}/pip{beside}")


def tools() -> None:
    """Install pip itself from its lock, then what builds wheels and lists parts."""
    # first, for each Python that starts from here on
    save("core", compiled(standard_library()))
    call(sys.executable, "-m", "venv", KIT / "boot")
    lock = ("--requirement", KIT / "pip.txt")
    call(KIT / "boot/bin/pip", "install", "--quiet", *HELD, "--target", KIT / "pip", *lock)
    shutil.rmtree(KIT / "boot")
    pip("install", *HELD, "--target", KIT / "setuptools", "--requirement", KIT / "setuptools.txt")
    # an environment of its own: on the path, its parts would be listed among an image's
    call(sys.executable, "-m", "venv", "--without-pip", KIT / "tools")
    into = ("--python", KIT / "tools/bin/python")
    pip(*into, "install", *HELD, "--requirement", KIT / "tools.txt")
    # a general parser, which takes five seconds a list to read addresses; tests read them at once
    shutil.rmtree(packages(KIT / "tools") / "rfc3987_syntax")
    compiled(packages(KIT / "tools").rglob("*.py"))


def install(family: str) -> None:
    """Add what the lock of `family` names to the environment; the layer is what was not there."""
    before = set(files(HOME))
    if not before:
        environment()
    lock = KIT / f"{family}.txt"
    # kfp's API client comes as sources, which setuptools builds; beside pip, it would count as
    # installed, so that a lock with a setuptools of its own would not get it
    beside = "" if "setuptools==" in lock.read_text() else f":{KIT}/setuptools"
    pip("--python", HOME / "bin/python", "install", *HELD, "--requirement", lock, beside=beside)
    prune()
    compiled(packages(HOME).rglob("*.py"))
    save(family, (file for file in files(HOME) if file not in before))


def code(sources: str) -> None:
    """Build codekiln's wheel from `sources` and install it into an environment of its own."""
    environment()
    before = set(files(HOME))
    dist = KIT / "dist"
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    pip("wheel", *offline, "--wheel-dir", dist, sources, beside=f":{packages(KIT / 'tools')}")
    # by its name, not by its file: a file's address would be written into the image
    found = ("--no-index", "--no-deps", "--no-compile", "--find-links", dist)
    pip("--python", HOME / "bin/python", "install", *found, "codekiln")
    compiled(packages(HOME).rglob("*.py"))
    save("code", (file for file in files(HOME) if file not in before))


def judge(sources: str) -> None:
    """Compile what judges Go's syntax; the Go that does it is gone before the layer is written."""
    home = KIT / "golang"
    call(sys.executable, "-m", "venv", "--without-pip", home)
    pip("--python", home / "bin/python", "install", *HELD, "--requirement", KIT / "go.txt")
    into = LAYERS / "judge" / HOME.relative_to("/") / "bin/go-judge"
    call(home / "bin/python", "-m", "codekiln.core.golang.toolchain", into, path=sources)
    shutil.rmtree(home)


def parts() -> None:
    """List what is installed, as CycloneDX JSON; the program that it makes up is codekiln."""
    into = LAYERS / "parts" / HOME.relative_to("/") / "sbom.cdx.json"
    into.parent.mkdir(parents=True)
    told = ("--pyproject", KIT / "pyproject.toml", "--output-reproducible", "--of", "JSON")
    listed = ("environment", *told, "--output-file", into, HOME / "bin/python")
    call(KIT / "tools/bin/cyclonedx-py", *listed)


def prune() -> None:
    """Remove what no phase reads: tests (130 MB in torch), and headers where no compiler is."""
    root = packages(HOME)
    unread = [
        *root.glob("*/**/tests"),
        *root.glob("*/**/test"),
        root / "pyarrow/include",
    ]
    if not root.joinpath("triton").exists():  # Triton compiles, on GPUs
        unread.append(root / "torch/include")
    for folder in unread:
        if ".dist-info" not in str(folder):
            shutil.rmtree(folder, ignore_errors=True)  # one that lay in another is gone already
    for program in root.glob("torch/bin/*[tT]est*"):
        program.unlink()


def environment() -> None:
    """Make the environment that is shipped: without pip, for nothing is installed at run time."""
    call(sys.executable, "-m", "venv", "--without-pip", HOME)


def packages(environment: Path) -> Path:
    """Name the folder in which `environment` keeps what is installed."""
    return next(environment.glob("lib/python*/site-packages"))


def files(root: Path) -> Iterator[Path]:
    """List what is under `root` but the folders."""
    return (path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())


def save(layer: str, kept: Iterable[Path]) -> None:
    """Put `kept` into `layer`, each under its own path."""
    for file in kept:
        into = LAYERS / layer / file.relative_to("/")
        into.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, into, follow_symlinks=False)


def standard_library() -> list[Path]:
    """List the sources of Python's own library: slim images ship it without bytecode."""
    root = Path(sysconfig.get_path("stdlib"))
    apart = {"site-packages", "dist-packages", "test", "idlelib", "lib2to3", "turtledemo"}
    return [file for file in root.rglob("*.py") if not apart & set(file.relative_to(root).parts)]


def compiled(sources: Iterable[Path]) -> list[Path]:
    """Write bytecode for those `sources` that have none, and name what was written."""
    pairs = {file: Path(importlib.util.cache_from_source(str(file))) for file in sources}
    wanted = {source: target for source, target in pairs.items() if not target.exists()}
    with ProcessPoolExecutor() as pool:
        list(pool.map(compile_one, wanted, chunksize=64))
    return [target for target in wanted.values() if target.exists()]


def compile_one(source: Path) -> None:
    """Compile for good: an image is read-only, so that no import need look at the source's time."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    # quiet=2: packages ship templates and samples that are no Python
    py_compile.compile(str(source), invalidation_mode=mode, quiet=2)


COMMANDS: dict[str, Callable[..., None]] = {
    "tools": tools,
    "install": install,
    "code": code,
    "judge": judge,
    "parts": parts,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
