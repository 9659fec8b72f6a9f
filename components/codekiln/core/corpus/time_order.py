"""Finding the rows of Parquet files in the order of their committer's time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

TIME = "committer_time"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row group lies: its file and its number there."""

    path: Path
    group: int


def located(paths: Sequence[Path]) -> tuple[list[Place], list[int], list[int]]:
    """Return the row groups of `paths`; then group and row of each commit, by time.

    Commits of one time stay in the order in which they lie.
    """
    places: list[Place] = []
    times: list[Any] = [np.empty(0, np.int64)]
    for path in paths:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                told = file.read_row_group(number, columns=[TIME])
                times.append(told[TIME].to_numpy())
                places.append(Place(path, number))
    sizes = [len(part) for part in times[1:]]
    by_time = np.argsort(np.concatenate(times), kind="stable")
    groups = np.repeat(np.arange(len(sizes)), sizes)
    inside = np.arange(sum(sizes)) - np.repeat(np.cumsum([0, *sizes])[:-1], sizes)
    return places, groups[by_time].tolist(), inside[by_time].tolist()


def group_rows(place: Place, columns: Sequence[str] | None) -> list[dict[str, Any]]:
    """Read one row group."""
    with pq.ParquetFile(place.path) as file:
        rows: list[dict[str, Any]] = file.read_row_group(place.group, columns=columns).to_pylist()
    return rows
