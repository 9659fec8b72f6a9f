"""Container entry: `python -m codekiln.gather_examples --collected DIR --corpus URI ...`."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from codekiln.core import program
from codekiln.core.corpus import example_counts, example_entries
from codekiln.core.datasets import forgotten, naming, reference, retention
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.datasets.reference import Referred
from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.program import Done
from codekiln.gather_examples.proof import Proof, proof
from codekiln.gather_examples.settings import Settings

logger = logging.getLogger(__name__)

PREFIX = "examples"
"""What the version of a run is called, and then the moment."""
COUNTS = "counts.json"
RUN = "gather_examples"


def gather_examples(settings: Settings) -> Done:
    """Take out what is gone, prove the rest, name the version and hand it on."""
    collected = reference.read(settings.collected, settings.version)
    dataset = example_entries.dataset(settings.corpus)
    # Asked once: whoever forgets another meanwhile does not make the two steps differ.
    keys = example_entries.repositories(collected)
    gone, version = without_gone(dataset, keys)
    found = proven(dataset, version, collected, keys)
    version = kept(dataset, version, settings.keep_versions)
    counts = {
        "repositories": found.repositories,
        "repositories_gone": gone,
        **example_counts.in_order(found.counts),
    }
    name, _ = naming.names_of(dataset, version)
    more = {"name": name, "made_with": found.digest, "repositories": found.repositories}
    reference.write(settings.examples, dataset.uri, version, more)
    write_json(settings.examples / COUNTS, counts)
    metrics = {**example_counts.metrics(found.counts), "repositories": found.repositories}
    told = {"data": collected.version.digest, "written": version.digest}
    return Done(counts=counts, metrics=metrics, sources=told)


def without_gone(dataset: Dataset, keys: Sequence[str]) -> tuple[int, Version]:
    """Remove all repositories but `keys`; return how many went."""
    version = dataset.head()
    if version is None:
        raise InputError(f"{dataset.uri} holds no examples: run build_examples with this corpus")
    gone = version.entries.keys() - {*keys}
    if gone:
        note = f"{len(gone)} repositories are gone"
        version = dataset.commit({key: lambda _: None for key in gone}, run=RUN, note=note)
    return len(gone), version


def proven(dataset: Dataset, version: Version, collected: Referred, every: Sequence[str]) -> Proof:
    """Return the sums of `version`; raises InputError unless it is what the pull requests give.

    `every` are the repositories of these pull requests.
    """
    kept_out = forgotten.keys(version.state)
    keys = [key for key in every if key not in kept_out]
    found = proof(example_entries.beside(collected, dataset, version, keys))
    problem = found.problem
    if not problem and len(version.entries) != len(keys):
        problem = "another run works on other repositories in the same place"
    if problem:
        raise InputError(
            f"{dataset.uri}: {problem}; run build_examples once more, all of its shards with the "
            "same settings and nothing else beside it, then gather_examples"
        )
    return found


def kept(dataset: Dataset, version: Version, keep: int) -> Version:
    """Give what is new a name, so that it stays, and remove what only led to it."""
    if version.number in dataset.names().values():
        return version
    version = retention.keep_newest(dataset, version, keep)
    naming.give(dataset, version, PREFIX, datetime.now(UTC))
    return version


if __name__ == "__main__":
    program.run(gather_examples, Settings)
