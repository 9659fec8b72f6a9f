"""What each step left: its counts, and by what it can be made again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codekiln.core import manifest
from codekiln.core.datasets import reference
from codekiln.core.errors import InputError
from codekiln.core.manifest import Manifest

COUNTS = "counts.json"
"""Beside a reference: what all of that version was made from; a manifest tells of one run."""
READS = (
    ("examples", "collected", ("data", "collected"), "pull requests"),
    ("cleaned", "examples", ("examples",), "examples"),
    ("tokens", "cleaned", ("cleaned",), "clean examples"),
    ("tokens", "tokenizer", ("tokenizer",), "tokenizer"),
)
"""Who reads of whom, the names that inputs of manifests have for it, and what it is.
A tokenizer may be older than the examples."""


CALLED = {"cleaned": "clean examples"}
"""What an output is called that is not called as its folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """One step: `role` is what its output is to the card (examples, cleaned ...)."""

    role: str
    manifest: Manifest
    counts: Mapping[str, int]
    """Of the whole output, however many runs made it."""
    data: str = ""
    """The data set that it hands on, "" for files."""
    version: int | None = None
    digest: str = ""
    """Of that version."""

    @property
    def handed_on(self) -> str:
        """Return the digest of the data: of what was written, or read, elsewhere, or of files."""
        return self.manifest.inputs.get("written") or self.digest or self.manifest.digest

    @property
    def digests(self) -> set[str]:
        """Return every digest by which a later step may know its output."""
        told = self.manifest
        return {told.digest, self.digest, told.inputs.get("written", "")} - {""}

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        told = self.manifest
        return {
            "role": self.role,
            "phase": told.phase,
            "codekiln": told.version,
            "started": told.started,
            "seconds": told.seconds,
            "data": self.data,
            "version": self.version,
            "version_digest": self.digest,
            "output_digest": told.digest,
            "inputs": told.inputs,
            "settings": told.settings,
            "settings_digest": told.settings_digest,
            "counts": dict(self.counts),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Whether a step read what an earlier one handed on, by their digests."""

    reader: str
    read: str
    holds: bool


def links(found: Mapping[str, Origin]) -> Iterator[Link]:
    """Yield the links between steps that told what they read."""
    for reader, read_, names, what in READS:
        if reader in found and read_ in found:
            told = {*filter(None, map(found[reader].manifest.inputs.get, names))}
            if told:
                holds = bool(told & found[read_].digests)
                yield Link(reader=CALLED.get(reader, reader), read=what, holds=holds)


def read(role: str, folder: Path) -> Origin:
    """Return what `folder` tells; raises InputError if its step has not finished."""
    told = manifest.read(folder)
    referred = _json(folder / reference.NAME)
    counts = _json(folder / COUNTS) or dict(told.counts)
    number = referred.get("version")
    return Origin(
        role=role,
        manifest=told,
        counts={name: int(count) for name, count in counts.items()},
        data=str(referred.get("data", "")),
        version=int(number) if number is not None else None,
        digest=str(referred.get("digest", "")),
    )


def _json(path: Path) -> dict[str, Any]:
    """Return the document in `path`, an empty one if there is none; raises InputError."""
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is broken ({error}): run the step that wrote it again") from error
