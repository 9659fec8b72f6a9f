"""All examples anew, as files of the output folder."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from codekiln.build_examples import limits, pulls_source, work
from codekiln.build_examples.settings import Settings
from codekiln.build_examples.work import Job
from codekiln.core import cores
from codekiln.core.corpus import example_counts, examples
from codekiln.core.datasets import reference
from codekiln.core.golang import toolchain
from codekiln.core.golang.judging import Judge
from codekiln.core.program import Done
from codekiln.core.progress import track


def into_folder(settings: Settings, environ: Mapping[str, str]) -> Done:
    """Make the examples of a folder of pull requests, or of the version that it names."""
    found = pulls_source.source(
        settings.collected, settings.version, settings.shard, settings.shards
    )
    judge = toolchain.judge(environ)
    clear(settings.examples)
    told = limits.of(settings)
    jobs = [
        Job(number, parts, settings.examples, told, judge)
        for number, parts in enumerate(pulls_source.jobs(found.parts, settings.job_pulls))
    ]
    tally: Counter[str] = Counter()
    with track("build examples", found.rows, "pull requests") as report:
        for _, counts in work.done(jobs, settings.workers or cores.usable(), report):
            tally.update(counts)
    return Done(
        counts=example_counts.in_order(tally),
        metrics=example_counts.metrics(tally),
        sources=sources(found.digest, judge),
    )


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    for pattern in (examples.PATTERN, examples.PATTERN + ".part", reference.NAME):
        for path in folder.glob(pattern):
            path.unlink()


def sources(digest: str, program: Path | None) -> Mapping[str, str]:
    """Return what the examples were made with: the version of the data, and of Go."""
    with Judge(program) as judge:
        told = {"data": digest, "go": judge.version}
    return {name: value for name, value in told.items() if value}
