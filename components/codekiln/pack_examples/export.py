"""Examples as lines of JSON, for people who look."""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from codekiln.core.tokens.packed_info import EXPORTS, TRAIN, VALIDATION
from codekiln.pack_examples.work import Job


def write(jobs: Sequence[Job], held_out: Collection[str], folder: Path, most: int) -> None:
    """Write the lines of all `jobs` into a file for each split, at most so many (-1: all)."""
    left = dict.fromkeys(EXPORTS, most)
    with contextlib.ExitStack() as stack:
        files = {
            split: stack.enter_context((folder / name).open("w", encoding="utf-8"))
            for split, name in EXPORTS.items()
        }
        for job in jobs:
            table = pq.read_table(job.path("parquet"), columns=["repository_id"])
            owners = table["repository_id"].to_pylist()
            for number, line in _lines(job):
                split = VALIDATION if owners[number] in held_out else TRAIN
                if left[split]:
                    files[split].write(f'{{"split": "{split}", {line[1:]}')
                    left[split] -= 1


def _lines(job: Job) -> Iterator[tuple[int, str]]:
    with job.path("jsonl").open(encoding="utf-8", newline="\n") as told:
        for line in told:
            number, _, rest = line.partition("\t")
            yield int(number), rest
