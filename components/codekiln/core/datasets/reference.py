"""The small file by which a step hands on one version of a data set, instead of the data.

reference.json    {"data": URI, "version": 12, "digest": "...", ...what else the step tells}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.storage.objects import is_remote, local_path, open_store

NAME = "reference.json"


@dataclass(frozen=True, slots=True)
class Referred:
    """A data set, and the version of it that was handed on."""

    dataset: Dataset
    version: Version


def write(folder: Path, uri: str, version: Version, more: Mapping[str, object]) -> None:
    """Write into `folder` that `version` of the data set `uri` is meant; `more` is for readers."""
    # A step that reads it may stand in another folder.
    place = uri if is_remote(uri) else str(local_path(uri).absolute())
    told = {"data": place, "version": version.number, "digest": version.digest, **more}
    write_json(folder / NAME, told)


def is_in(folder: Path) -> bool:
    """Say whether `folder` hands on a version, not the data itself."""
    return (folder / NAME).is_file()


def read(folder: Path, version: str = "") -> Referred:
    """Return what `folder` hands on, or another `version` of that data set, by number or name.

    Raises InputError if there is no such version, or another stands in its place.
    """
    path = folder / NAME
    if not path.is_file():
        raise InputError(
            f"{folder} holds no {NAME}, so it names no version of a data set: give a folder that "
            "does, such as one that collect_pulls or snapshot_pulls wrote"
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        uri, number, digest = str(told["data"]), int(told["version"]), str(told["digest"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} names no version of a data set ({error}): run the step that wrote it again"
        ) from error
    dataset = Dataset(open_store(uri))
    found = dataset.version(version or number)
    if not version and found.digest != digest:
        raise InputError(
            f"version {number} of {uri} is not the one that was handed on (digest "
            f"{found.digest[:12]}, wanted {digest[:12]}): run the step before again, or name a "
            "version"
        )
    return Referred(dataset, found)
