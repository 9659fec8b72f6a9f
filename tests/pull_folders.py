"""Makes folders of collected pull requests for tests: of Parquet files, or that name a data set."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core import manifest
from codekiln.core.corpus.pulls import PULLS, PullRequest, to_row
from codekiln.core.datasets import reference, tables
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.storage.objects import open_store


def sealed(folder: Path) -> Path:
    """Write a manifest, so that `folder` is whole."""
    told = manifest.Manifest(
        phase="collect_pulls", version="0", started="", seconds=0, settings={},
        settings_digest="", inputs={}, counts={}, metrics={}, files=manifest.files_of(folder),
        digest=manifest.digest_of(folder),
    )  # fmt: skip
    manifest.write(folder, told)
    return folder


def parquet(folder: Path, *files: Sequence[PullRequest], group: int = 100) -> Path:
    """Write a file of each of `files`, with row groups of so many."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, some in enumerate(files):
        table = pa.Table.from_pylist([to_row(one) for one in some], schema=PULLS)
        pq.write_table(table, folder / f"pulls-{number:05d}.parquet", row_group_size=group)
    return sealed(folder)


def dataset(root: Path | str, **repositories: Iterable[PullRequest]) -> Version:
    """Commit all pull requests of each repository (its key) into the data set under `root`."""
    data = Dataset(open_store(str(root)))
    changes = {}
    for key, some in repositories.items():
        pulls = list(some)
        shards = tables.upsert(data, (), (to_row(one) for one in pulls), PULLS, bucket=10)
        names = [one.repository for one in pulls] or [f"acme/{key}"]
        state = {"name": names[-1], "license": "MIT"}
        entry = Entry(key=key, tables={"pulls": shards}, state=state)
        changes[key] = lambda _, entry=entry: entry
    return data.commit(changes, run="test")


def collected(folder: Path, root: Path | str, version: Version) -> Path:
    """Write what collect_pulls leaves of a run that made `version`."""
    folder.mkdir(parents=True, exist_ok=True)
    reference.write(folder, str(root), version, {})
    return sealed(folder)
