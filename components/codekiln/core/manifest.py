"""What a phase leaves beside its output: who wrote it, from what, with which settings.

It is written last: a folder with a manifest is whole, one without is not read.
"""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from codekiln.core import digest
from codekiln.core.errors import InputError

NAME = "manifest.json"
SCHEMA = 1


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The record of one finished phase."""

    phase: str
    version: str
    """Version of codekiln that ran."""
    started: str
    """When the phase began, ISO 8601 in UTC."""
    seconds: float
    settings: dict[str, Any]
    settings_digest: str
    inputs: dict[str, str]
    """Digest of each input, by name."""
    counts: dict[str, int]
    """What was read, kept, and dropped by reason."""
    metrics: dict[str, float]
    files: dict[str, int]
    """Size in bytes of each file of the output, by path relative to it."""
    digest: str
    """SHA-256 over the names and contents of `files`."""
    schema: int = SCHEMA

    @property
    def size(self) -> int:
        """Bytes of the whole output."""
        return sum(self.files.values())


def files_of(folder: Path) -> dict[str, int]:
    """Return the size of each file under `folder`, the manifest left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in found}


def digest_of(folder: Path) -> str:
    """Return the digest of the contents of `folder`, the manifest left out."""
    return digest.of_files(folder, list(files_of(folder)))


def write(folder: Path, manifest: Manifest) -> None:
    """Write `manifest` into `folder`, whole or not at all."""
    write_json(folder / NAME, dataclasses.asdict(manifest))


def read(folder: Path) -> Manifest:
    """Read the manifest of `folder`.

    Raises InputError if there is none (the phase before did not finish) or it cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        raise InputError(
            f"{folder} holds no {NAME}: the phase that writes it has not finished; run it again"
        )
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is not a manifest of this version: {error}") from error


def discard(folder: Path) -> None:
    """Remove the manifest of `folder`, so that what is written over does not look whole."""
    (folder / NAME).unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write `value` as JSON into `path`: a reader finds the old file or the new one, whole."""
    partial = path.with_name(path.name + ".partial")
    # What a killed process left, or a link that would lead the words elsewhere.
    partial.unlink(missing_ok=True)
    with partial.open("x", encoding="utf-8") as file:
        json.dump(value, file, indent=2, default=str)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
