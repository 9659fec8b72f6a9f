"""Container entry: `python -m codekiln.gather_examples --collected DIR --corpus URI ...`."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from codekiln.core import program
from codekiln.core.corpus import example_counts, example_entries, example_parts
from codekiln.core.corpus.example_parts import Parts
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
    """Find the version that this run made, prove it, name it and hand it on."""
    collected = reference.read(settings.collected, settings.version)
    dataset = example_entries.dataset(settings.corpus)
    # Asked once: whoever forgets another meanwhile does not make the two steps differ.
    keys = example_entries.repositories(collected)
    parts = example_parts.of_run(settings.run)
    gone, version, found = chosen(dataset, parts, collected, keys)
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


def chosen(
    dataset: Dataset, parts: Parts, collected: Referred, keys: Sequence[str]
) -> tuple[int, Version, Proof]:
    """Return how many repositories went, the version of this run's examples, and its proof.

    If another run has written since, what the last of `parts` left may still be whole.
    """
    left = left_behind(dataset, parts)
    if left and left.entries.keys() == {*keys}:
        found = proof(example_entries.beside(collected, dataset, left, keys), parts.made_with)
        if not found.problem:
            logger.info("another run wrote since: version %d is this run's", left.number)
            return 0, left, found
    gone, version = without_gone(dataset, keys)
    return gone, version, proven(dataset, version, collected, keys, parts.made_with)


def left_behind(dataset: Dataset, parts: Parts) -> Version | None:
    """Return the version that the last of `parts` left, unless the newest holds the same.

    None too if it is pruned, or holds what was forgotten since.
    """
    head, left = dataset.head(), parts.last(dataset)
    if not head or not left or left.entries == head.entries:
        return None
    return None if left.entries.keys() & forgotten.keys(head.state) else left


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


def proven(
    dataset: Dataset, version: Version, collected: Referred, every: Sequence[str], made_with: str
) -> Proof:
    """Return the sums of `version`; raises InputError unless it is what the pull requests give.

    `every` are the repositories of these pull requests, `made_with` is as `proof` has it.
    """
    kept_out = forgotten.keys(version.state)
    keys = [key for key in every if key not in kept_out]
    found = proof(example_entries.beside(collected, dataset, version, keys), made_with)
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
    """Give what is new a name, so that it stays, and remove what only led to it.

    Nothing is removed if another run wrote since: it may look for what its parts left.
    """
    if version.number in dataset.names().values():
        return version
    if version.number == dataset.newest().number:
        version = retention.keep_newest(dataset, version, keep)
    naming.give(dataset, version, PREFIX, datetime.now(UTC))
    return version


if __name__ == "__main__":
    program.run(gather_examples, Settings)
