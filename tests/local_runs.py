"""Whole runs for tests: the program `codekiln` as a user runs it, and what it leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

from codekiln.core import digest

CODEKILN = [sys.executable, "-m", "codekiln_pipelines.cli"]


def codekiln(
    folder: Path, *argv: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run codekiln in `folder` as a user of a pipe or a log would."""
    return subprocess.run(
        [*CODEKILN, *argv], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "200", **(env or {})},
    )  # fmt: skip


def run(folder: Path, repository: Path | str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the whole history pipeline on `repository`, as fast as it goes."""
    asked = ("--repository", str(repository), "--recipe", "smoke", *more)
    return codekiln(folder, "run", "history", *asked)


def only_run(folder: Path) -> Path:
    """Return the one run that was made in `folder`."""
    found = list((folder / "codekiln-runs").iterdir())
    assert len(found) == 1
    return found[0]


def digests(made: Path) -> dict[str, str]:
    """Return the digest of each step's output; reports tell times, so theirs are left out."""
    found = {path.parent.name: path for path in made.glob("steps/*/*/manifest.json")}
    told = {name: json.loads(path.read_text()) for name, path in found.items()}
    model = made / "steps" / "train-model" / "model" / "model.safetensors"
    kept = {n: t["digest"] for n, t in told.items() if n not in ("report", "model")}
    return {**kept, "model.safetensors": digest.of_file(model)}
