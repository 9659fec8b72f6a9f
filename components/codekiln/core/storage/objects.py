"""What every store can do, and which store a URI means."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from codekiln.core.errors import InputError


class ConflictError(InputError):
    """An object was to be created and is there already."""


class Objects(Protocol):
    """Named byte strings; each is written whole or not at all."""

    uri: str

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names under `prefix`, sorted."""

    def read(self, name: str) -> bytes:
        """Return the bytes of `name`; raises InputError if there is none."""

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        """Write `data` under `name`; with `create`, raises ConflictError if it is there already."""

    def delete(self, name: str) -> None:
        """Remove `name`; nothing happens if there is none."""

    def location(self, name: str) -> str:
        """Return where a person finds `name`."""


def local_path(uri: str) -> Path:
    """Return the folder that `uri` means: a path, or file:///path; raises InputError on others."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if "://" in uri:
        raise InputError(f"{uri} is not a local folder; give a path or file:///path")
    return Path(uri)
