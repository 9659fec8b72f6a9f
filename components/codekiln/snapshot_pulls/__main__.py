"""Container entry: `python -m codekiln.snapshot_pulls --data URI --collected DIR`."""

from datetime import UTC, datetime

from codekiln.core import program
from codekiln.core.corpus import example_entries
from codekiln.core.datasets import naming, reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.reference import Referred
from codekiln.core.errors import InputError
from codekiln.core.program import Done
from codekiln.core.storage.objects import open_store
from codekiln.snapshot_pulls.settings import Settings

PREFIX = "data"
"""What the version of a run is called, and then the moment."""


def snapshot_pulls(settings: Settings) -> Done:
    """Look the version up, give it a name, write which it is."""
    dataset = Dataset(open_store(settings.data))
    version = dataset.version(settings.version or "newest")
    counts = counted(Referred(dataset, version))
    naming.give(dataset, version, PREFIX, datetime.now(UTC))
    name, _ = naming.names_of(dataset, version)
    reference.write(settings.collected, settings.data, version, {"name": name, **counts})
    metrics = {"version": version.number, **counts}
    return Done(counts=counts, metrics=metrics, sources={"data": version.digest})


def counted(pinned: Referred) -> dict[str, int]:
    """Count what later steps read of it: repositories and pull requests.

    Raises InputError if there are none of these.
    """
    dataset, version = pinned.dataset, pinned.version
    keys = example_entries.repositories(pinned)
    found = map(example_entries.wanted_of, dataset.entries(version, keys))
    pulls = sum(shard.rows for one in found for shard in one.shards)
    if not pulls:
        raise InputError(
            f"version {version.number} of {dataset.uri} holds no pull requests: collect some "
            "(codekiln run collect), or give another version or place"
        )
    return {"repositories": len(keys), "pull_requests": pulls}


if __name__ == "__main__":
    program.run(snapshot_pulls, Settings)
