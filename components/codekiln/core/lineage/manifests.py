"""The manifests under a URI as nodes of a graph.

A node is known to later ones by the digest of its output, and by the version of a data set that it
wrote. What it was made from are its `inputs`: digests of folders, and of versions that it read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codekiln.core import manifest
from codekiln.core.storage.objects import MissingError, Objects
from codekiln.core.storage.side_by_side import side_by_side

WRITTEN = "written"
"""The input of a manifest that is none: the version of a data set that the step wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One output of a finished step: where it lies, what made it and when, what of.

    `digest` is "" where the output holds no file: all empty outputs have one digest, which would
    make them one. `inputs` are digests by name, `files` paths in the output.
    """

    place: str
    phase: str
    started: str = ""
    digest: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[str] = ()

    @property
    def made(self) -> frozenset[str]:
        """Digests by which later steps call what this one made."""
        return frozenset(filter(None, (self.digest, self.inputs.get(WRITTEN, ""))))

    @property
    def read(self) -> frozenset[str]:
        """Digests of what it was made from."""
        return frozenset(told for name, told in self.inputs.items() if name != WRITTEN and told)


@dataclass(frozen=True, slots=True)
class Walked:
    """The manifests under one URI, and the places of those that could not be understood."""

    nodes: Sequence[Node]
    unreadable: Sequence[str]


def walk(store: Objects) -> Walked:
    """Read every manifest in `store`; steps that failed left none. Raises ServiceError."""
    names = [name for name in store.names() if f"/{name}".endswith(f"/{manifest.NAME}")]
    found = dict(zip(names, side_by_side(lambda name: _read(store, name), names), strict=True))
    return Walked(
        [node for node in found.values() if node is not None],
        [store.location(name) for name, node in found.items() if node is None],
    )


def _read(store: Objects, name: str) -> Node | None:
    folder = name.removesuffix(manifest.NAME).rstrip("/")
    place = store.location(folder) if folder else store.uri
    try:
        return node_of(place, json.loads(store.read(name)))
    except (ValueError, KeyError, TypeError, AttributeError, MissingError):
        return None


def node_of(place: str, told: Mapping[str, Any]) -> Node:
    """Return the node of the manifest `told` in the folder `place`.

    Raises KeyError, TypeError or AttributeError for what is no manifest.
    """
    return Node(
        place=place,
        phase=str(told["phase"]),
        started=str(told.get("started", "")),
        digest=str(told["digest"]) if told["files"] else "",
        inputs={str(name): str(digest) for name, digest in told["inputs"].items()},
        files=list(told["files"]),
    )
