"""What the version of a run is called, so that it stays: PREFIX-20261121T020000Z."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from codekiln.core.datasets.dataset import Dataset, Version


def give(
    dataset: Dataset, version: Version, prefix: str, moment: datetime, asked: str = ""
) -> None:
    """Give `version` a name: the one `asked` for, or one of `prefix` and the moment.

    A version that has a name keeps it, unless another is asked for: nothing new came of this run.
    Raises InputError if another version has the name that is asked for.
    """
    names = dataset.names()
    if asked or version.number not in names.values():
        told = f"{prefix}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        dataset.name(version, asked or _free(names, told))


def _free(names: Mapping[str, int], wanted: str) -> str:
    """Return `wanted`, or the first of wanted-2, wanted-3 ... that no version has."""
    tried = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(name for name in tried if name not in names)


def names_of(dataset: Dataset, version: Version | None) -> tuple[str, str]:
    """Return the names of `version`, and of the newest before it that has one; empty for none."""
    if version is None:
        return "", ""
    names = sorted(dataset.names().items(), key=lambda pair: pair[1])
    own = [name for name, number in names if number == version.number]
    earlier = [name for name, number in names if number < version.number]
    return (own or [""])[-1], (earlier or [""])[-1]
