"""Container entry: `python -m codekiln.build_examples --collected DIR --examples DIR`."""

import logging
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from codekiln.build_examples import processes, pulls_source
from codekiln.build_examples.limits import Limits
from codekiln.build_examples.settings import Settings
from codekiln.build_examples.work import Job
from codekiln.core import cores, program
from codekiln.core.corpus import examples
from codekiln.core.golang import toolchain
from codekiln.core.golang.judging import Judge
from codekiln.core.program import Done
from codekiln.core.progress import track

logger = logging.getLogger(__name__)


def build_examples(settings: Settings) -> Done:
    """Read the pull requests, write their examples, account for all of them."""
    found = pulls_source.source(
        settings.collected, settings.version, settings.shard, settings.shards
    )
    judge = toolchain.judge(os.environ)
    clear(settings.examples)
    limits = limits_of(settings)
    jobs = [
        Job(number, parts, settings.examples, limits, judge)
        for number, parts in enumerate(pulls_source.jobs(found.parts, settings.job_pulls))
    ]
    with track("build examples", found.rows, "pull requests") as report:
        tally = processes.done(jobs, settings.workers or cores.usable(), report)
    return Done(counts=counts(tally), metrics=metrics(tally), sources=sources(found.digest, judge))


def limits_of(settings: Settings) -> Limits:
    """Return `settings` as limits."""
    return Limits(
        code_chars=settings.max_code_chars,
        context_chars=settings.max_context_chars,
        details_chars=settings.max_details_chars,
        steps=settings.max_steps,
        examples=settings.max_examples,
        file_bytes=settings.max_file_kib << 10,
        tests=settings.tests,
    )


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    for pattern in (examples.PATTERN, examples.PATTERN + ".part"):
        for path in folder.glob(pattern):
            path.unlink()


def counts(tally: Counter[str]) -> dict[str, int]:
    """Return what was counted, the sums first, then each part under its name."""
    sums = ("pull_requests", "files", "candidates", "examples")
    return {name: tally[name] for name in sums} | dict(sorted(tally.items()))


def metrics(tally: Counter[str]) -> dict[str, float]:
    """Return the figures for the run page."""
    judged = tally["syntax_valid"] + tally["syntax_invalid"]
    return {
        "pull_requests": tally["pull_requests"],
        "pull_requests_with_examples": tally["pull_requests_with_examples"],
        "files": tally["files"],
        "candidates": tally["candidates"],
        "examples": tally["examples"],
        "examples_a_pull_request": round(tally["examples"] / max(tally["pull_requests"], 1), 3),
        "syntax_valid_share": round(tally["syntax_valid"] / max(judged, 1), 4),
        "syntax_unknown": tally["syntax_unknown"],
    }


def sources(digest: str, program: Path | None) -> Mapping[str, str]:
    """Return what the examples were made with: the version of the data, and of Go."""
    with Judge(program) as judge:
        told = {"data": digest, "go": judge.version}
    return {name: value for name, value in told.items() if value}


if __name__ == "__main__":
    program.run(build_examples, Settings)
