"""What is new, into a data set: examples are made once of each shard of pull requests."""

import contextlib
import dataclasses
import logging
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from codekiln.build_examples import incremental, into_folder, limits, pulls_source, work
from codekiln.build_examples.incremental import News
from codekiln.build_examples.made_with import made_with
from codekiln.build_examples.publishing import Finished, Publisher
from codekiln.build_examples.settings import Settings
from codekiln.build_examples.work import Job
from codekiln.core import cores
from codekiln.core.corpus import example_counts, example_entries
from codekiln.core.corpus.example_parts import Part
from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import ServiceError
from codekiln.core.golang import toolchain
from codekiln.core.program import Done
from codekiln.core.progress import track
from codekiln.core.scratch import run_folder

logger = logging.getLogger(__name__)


def into_corpus(settings: Settings, environ: Mapping[str, str]) -> Done:
    """Make the examples that the data set lacks, and take out those that are not wanted."""
    collected = reference.read(settings.collected, settings.version)
    dataset, go = example_entries.dataset(settings.corpus), toolchain.version(environ)
    told = made_with(limits.of(settings), go)
    head = dataset.head()
    every = example_entries.repositories(collected, head)
    keys = pulls_source.mine(every, settings.shard, settings.shards)
    found = incremental.news(example_entries.beside(collected, dataset, head, keys), told)
    logger.info("%d of %d shards of pull requests are new", len(found.todo), found.shards)
    judge = judge_of(go, environ) if found.todo else None
    publisher = Publisher(dataset, found, told, settings.commit_seconds, time.monotonic)
    version = made(settings, collected.dataset.uri, found, judge, publisher)
    found.counts.update(counted(dataset, version, found))
    part = Part(shard=settings.shard, shards=settings.shards, made_with=told)
    write(settings.examples, dataset, version, part, found)
    sources = {"data": collected.version.digest, "go": go, "written": version.digest}
    return Done(
        counts={**sizes(found), **example_counts.in_order(found.counts)},
        metrics={**sizes(found), **example_counts.metrics(found.counts)},
        sources={name: value for name, value in sources.items() if value},
    )


def judge_of(go: str, environ: Mapping[str, str]) -> Path | None:
    """Return the judge of the version `go` of Go, None if that is none.

    Raises ServiceError if it does not work: examples of one data set are all judged, or none is.
    """
    judge = toolchain.judge(environ)
    if go and judge is None:
        raise ServiceError(f"{go} is here and does not work, as said above: mend it, run again")
    return judge


def made(
    settings: Settings, uri: str, found: News, judge: Path | None, publisher: Publisher
) -> Version:
    """Make what is new of the data set `uri`, commit it as it comes; return what has it all."""
    publisher.settle()
    with (
        run_folder("codekiln-examples-") as scratch,
        track("build examples", found.rows, "pull requests") as report,
    ):
        folder, told = scratch, limits.of(settings)
        jobs = [
            Job(number, [pulls_source.of_shard(uri, shard)], folder, told, judge)
            for number, (_, shard) in enumerate(found.todo)
        ]
        finished = work.done(jobs, settings.workers or cores.usable(), report)
        try:
            with contextlib.closing(finished):
                for job, counts in finished:
                    publisher.take(Finished(*found.todo[job.number], job.path, counts))
        finally:
            # Whatever ended it: what was made need not be made again.
            version = publisher.flush()
        return version


def counted(dataset: Dataset, version: Version, found: News) -> Counter[str]:
    """Return what was counted of the repositories that are new or other than before."""
    there = [key for key in found.changed if key in version.entries]
    total: Counter[str] = Counter()
    for entry in dataset.entries(version, there):
        total.update(example_entries.made_of(entry).counts)
    return total


def write(folder: Path, dataset: Dataset, version: Version, part: Part, found: News) -> None:
    """Write which version holds this part of the repositories; all of them: gather_examples."""
    into_folder.clear(folder)
    reference.write(
        folder, dataset.uri, version, {**dataclasses.asdict(part), "made": sizes(found)}
    )


def sizes(found: News) -> dict[str, int]:
    """Return how much there is, and how much of it was new."""
    return {
        "repositories": found.repositories,
        "pull_shards": found.shards,
        "pull_shards_made": len(found.todo),
    }
