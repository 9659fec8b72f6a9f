"""One job: some pull requests in, one file of examples out, with everything counted."""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from codekiln.build_examples import pulls_source
from codekiln.build_examples.assembly import Made, of_pull
from codekiln.build_examples.limits import Limits
from codekiln.build_examples.pulls_source import Part
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Example
from codekiln.core.golang.judging import Judge
from codekiln.core.progress import Report
from codekiln.core.workers import count, workers

Count = Callable[[int], None]
"""Called with the number of pull requests done since the last call."""

REPORT_EVERY = 20


@dataclass(frozen=True, slots=True)
class Job:
    """What one turn of a worker does; small enough to be sent to another process.

    `program` is the compiled judge of Go, None where there is none.
    """

    number: int
    parts: Sequence[Part]
    folder: Path
    limits: Limits
    program: Path | None

    @property
    def path(self) -> Path:
        """Return the file that it writes."""
        return examples.shard(self.folder, self.number)


Finished = tuple[Job, Counter[str]]
"""A job, and what it counted."""


def done(jobs: Sequence[Job], most: int, report: Report) -> Generator[Finished, None, None]:
    """Do all `jobs` on at most so many processes; yield each when it is finished.

    What is written does not depend on their number.
    """
    with workers(min(most, len(jobs)), report, preload=[__name__]) as pool:
        yield from pool.ready(_done, jobs)


def _done(job: Job) -> Finished:
    return job, do(job, count)


def do(job: Job, tell: Count) -> Counter[str]:
    """Write the examples of one job; return what was counted, by name."""
    # Arrow's own allocators keep what they freed: 30 MB a process that the system could have.
    pa.set_memory_pool(pa.system_memory_pool())
    tally: Counter[str] = Counter()
    done = 0
    with Judge(job.program) as judge, examples.Writer(job.path) as writer:
        for part in job.parts:
            for pull in pulls_source.read(part):
                made = of_pull(pull, job.limits, judge)
                for example in made.examples:
                    writer.add(example)
                tally += tallied(made)
                done += 1
                if done % REPORT_EVERY == 0:
                    tell(REPORT_EVERY)
    tell(done % REPORT_EVERY)
    return tally


def tallied(made: Made) -> Counter[str]:
    """Count one pull request (see `example_counts`), and what its examples are like."""
    tally = Counter(pull_requests=1)
    tally[f"pull_requests_{outcome(made.reason)}"] = 1
    for reason, number in made.files.items():
        tally["files"] += number
        tally[f"files_{outcome(reason)}"] += number
    for reason, number in made.dropped.items():
        tally["candidates"] += number
        tally[f"dropped_{word(reason)}"] += number
    tally["candidates"] += len(made.examples)
    tally["examples"] += len(made.examples)
    for example in made.examples:
        tally.update(traits(example))
    return tally


def traits(example: Example) -> list[str]:
    """Return what is counted of one example."""
    return [
        f"kind_{example.kind}",
        f"intent_{example.plan[0].intent}",
        f"target_{example.plan[0].target_kind}",
        f"syntax_{example.solution.syntax}",
        f"tests_{example.solution.tests}",
    ]


def outcome(reason: str) -> str:
    """Name the count of a reason; "" is none."""
    return f"without_{word(reason)}" if reason else "with_examples"


def word(reason: str) -> str:
    """Return a reason as part of a name."""
    return reason.replace(" ", "_")
