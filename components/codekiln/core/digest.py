"""Content digests: what makes two inputs, or two configurations, the same."""

import hashlib
import json
from pathlib import Path


def of_json(value: object) -> str:
    """Return the SHA-256 of `value` as JSON with sorted keys, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of the bytes of `path`, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_files(folder: Path, names: list[str]) -> str:
    """Return one SHA-256 over the names and contents of files under `folder`."""
    return of_json({name: of_file(folder / name) for name in sorted(names)})


def of_folder(folder: Path) -> str:
    """Return one SHA-256 over every file under `folder`."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return of_files(folder, [path.relative_to(folder).as_posix() for path in found])
