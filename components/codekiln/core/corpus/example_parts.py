"""What each maker of examples says of its part, and how its run is asked for it afterwards.

Makers side by side each leave a `reference.json` under the root of their run: the version of the
data set that held their part when it was done, and beside it

    {"shard": 0, "shards": 4, "made_with": digest}
"""

import contextlib
import dataclasses
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from codekiln.core import manifest
from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import Objects, open_store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of `shards` parts of the repositories, and what its examples were made with."""

    shard: int
    shards: int
    made_with: str


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of one run: what they were made with, and the last version that one of them left.

    A run of which nothing is known has the version 0, and was made with "".
    """

    made_with: str = ""
    version: int = 0
    digest: str = ""

    def last(self, dataset: Dataset) -> Version | None:
        """Return that version of `dataset`, None if it was pruned or there is none."""
        if not self.version:
            return None
        try:
            found = dataset.version(self.version)
        except InputError:
            return None
        return found if found.digest == self.digest else None


def of_run(root: str) -> Parts:
    """Return the parts that the run under the folder or URI `root` has made.

    Nothing is known of a run without a root, in a kind of store that is not known here, or whose
    makers say nothing (older ones). Raises InputError if some parts are missing, or are not alike.
    """
    if not root:
        return Parts()
    try:
        told = sorted(_told(open_store(root)), key=lambda one: int(one["version"]))
    except InputError as error:
        logger.warning("the run %s cannot be read: %s", root, error)
        return Parts()
    if not told:
        logger.warning("nothing under %s tells what examples were made with", root)
        return Parts()
    last = told[-1]
    _refuse_mixed(root, {one["shard"]: one["made_with"] for one in told}, last["shards"])
    return Parts(last["made_with"], int(last["version"]), last["digest"])


def _told(store: Objects) -> Iterator[Mapping[str, Any]]:
    """Yield the references of parts that came to their end; a damaged one tells nothing."""
    names = set(store.names())
    wanted = {field.name for field in dataclasses.fields(Part)}
    for name in sorted(names):
        path = PurePosixPath(name)
        if path.name == reference.NAME and str(path.with_name(manifest.NAME)) in names:
            with contextlib.suppress(ValueError):
                told = json.loads(store.read(name))
                if isinstance(told, dict) and told.keys() >= wanted:
                    yield told


def _refuse_mixed(root: str, made_with: Mapping[int, str], shards: int) -> None:
    """Raise InputError unless each of `shards` parts is there, all made with the same."""
    lacking = [str(shard) for shard in range(shards) if shard not in made_with]
    if lacking:
        raise InputError(
            f"{root} has no examples of {', '.join(lacking)} of the {shards} parts, from 0: let "
            "build_examples make those, then gather_examples"
        )
    others = [str(one) for one in sorted(made_with) if made_with[one] != made_with[0]]
    if others:
        raise InputError(
            f"{root}: {', '.join(others)} of the {shards} parts, from 0, made examples with other "
            "settings, or another Go, than part 0: run all of build_examples anew, and alike"
        )
