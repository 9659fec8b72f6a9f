"""One look at all examples, column by column: what they are about, how long, how old, whose.

Files are read a row group at a time and never become Python objects, so millions pass in minutes,
in memory that does not grow with them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.core.corpus.example_source import Part, Source
from codekiln.core.storage.side_by_side import side_by_side
from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM
from codekiln.describe_corpus.lengths import Lengths
from codekiln.describe_corpus.runs import Runs

COLUMNS = [
    "repository", "repository_id", "license", "number", "merged_at", "path", "kind", "problem",
    "context", "plan", "solution",
]  # fmt: skip
BATCH_ROWS = 2048
WORKERS = 8
"""Parts that are read at a time, each with a few MiB in memory."""
CHARS = {PROBLEM: 8192, CONTEXT: 8192, PLAN: 4096, CODE: 8192}
"""Characters from which lengths are counted together."""
NO_STEP = "none"
"""Intent and target of a plan without a step."""


@dataclass
class Seen:
    """What was counted; each by its value."""

    examples: int = 0
    bytes: int = 0
    """Of all texts, in UTF-8."""
    repositories: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    licensed: dict[str, Counter[str]] = field(default_factory=dict)
    """Of each repository."""
    kinds: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    intents: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By intent and kind of target of the first step, which is about what the solution holds."""
    steps: Counter[int] = field(default_factory=Counter)
    syntax: Counter[str] = field(default_factory=Counter)
    tests: Counter[str] = field(default_factory=Counter)
    pulls: Runs = field(default_factory=Runs)
    """Examples a pull request."""
    lengths: Mapping[str, Lengths] = field(
        default_factory=lambda: {name: Lengths(most) for name, most in CHARS.items()}
    )
    """Characters by section."""

    def join(self, after: "Seen") -> None:
        """Go on with what the next part holds."""
        self.examples += after.examples
        self.bytes += after.bytes
        for name in ("repositories", "licenses", "kinds", "years", "intents", "steps"):
            getattr(self, name).update(getattr(after, name))
        for name in ("syntax", "tests"):
            getattr(self, name).update(getattr(after, name))
        for repository, licenses in after.licensed.items():
            self.licensed.setdefault(repository, Counter()).update(licenses)
        self.pulls.join(after.pulls)
        for name, lengths in self.lengths.items():
            lengths.join(after.lengths[name])

    def add(self, batch: pa.RecordBatch) -> None:
        """Count a batch of examples."""
        self.examples += len(batch)
        for name, column in (
            ("repositories", "repository"), ("licenses", "license"), ("kinds", "kind"),
        ):  # fmt: skip
            getattr(self, name).update(counted(batch[column]))
        self.years.update(counted(pc.year(batch["merged_at"])))
        self._licensed(batch)
        self._planned(batch["plan"])
        solution = batch["solution"]
        self.syntax.update(counted(pc.struct_field(solution, "syntax")))
        self.tests.update(counted(pc.struct_field(solution, "tests")))
        self.pulls.add(batch["repository_id"], batch["number"])
        self._sized(batch)

    def _licensed(self, batch: pa.RecordBatch) -> None:
        pairs = pa.table({"name": batch["repository"], "license": batch["license"]})
        summed = pairs.group_by(["name", "license"]).aggregate([([], "count_all")])
        for row in summed.to_pylist():
            known = self.licensed.setdefault(row["name"], Counter())
            known[row["license"]] += row["count_all"]

    def licenses_of(self, repository: str) -> str:
        """Return what the examples of `repository` are licensed under, the most frequent first."""
        told = self.licensed.get(repository, {}).items()
        return ", ".join(name for name, _ in sorted(told, key=lambda one: (-one[1], one[0])))

    def _planned(self, plan: pa.ListArray) -> None:
        self.steps.update(counted(pc.list_value_length(plan)))
        first = pc.list_slice(plan, 0, 1).flatten()
        pairs = pa.table({name: pc.struct_field(first, name) for name in ("intent", "target_kind")})
        summed = pairs.group_by(["intent", "target_kind"]).aggregate([([], "count_all")])
        for row in summed.to_pylist():
            self.intents[row["intent"], row["target_kind"]] += row["count_all"]
        if len(first) < len(plan):
            self.intents[NO_STEP, NO_STEP] += len(plan) - len(first)

    def _sized(self, batch: pa.RecordBatch) -> None:
        for name, texts in _texts(batch).items():
            self.lengths[name].add(np.sum([_numbers(pc.utf8_length(t)) for t in texts], axis=0))
            self.bytes += sum(int(_numbers(pc.binary_length(text)).sum()) for text in texts)
        steps = _step_texts(batch["plan"])
        self.lengths[PLAN].add(_by_list(batch["plan"], pc.utf8_length(steps)))
        self.bytes += int(_numbers(pc.binary_length(steps)).sum())


def _texts(batch: pa.RecordBatch) -> dict[str, list[pa.Array]]:
    """Return the texts of each section but the plan; those of one section are read together."""
    of = pc.struct_field
    return {
        PROBLEM: [of(batch["problem"], "title"), of(batch["problem"], "details")],
        CONTEXT: [of(batch["context"], "path"), of(batch["context"], "before")],
        CODE: [of(batch["solution"], "code")],
    }


def _step_texts(plan: pa.ListArray) -> pa.Array:
    steps = plan.flatten()
    names = ("intent", "target_kind", "target_name", "description")
    told = [pc.struct_field(steps, name) for name in names]
    return pc.binary_join_element_wise(*told, " ")


def _by_list(lists: pa.ListArray, sizes: pa.Array) -> npt.NDArray[np.int64]:
    """Return the sum of `sizes`, one for each item, over the items of each list."""
    many = _numbers(pc.list_value_length(lists))
    sums = np.concatenate([[0], np.cumsum(_numbers(sizes))])
    ends = np.cumsum(many)
    found: npt.NDArray[np.int64] = sums[ends] - sums[ends - many]
    return found


def _numbers(array: pa.Array) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = array.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def counted(column: pa.Array) -> dict[Any, int]:
    """Return how often each value of `column` is there."""
    return {row["values"]: row["counts"] for row in pc.value_counts(column).to_pylist()}


def scan(source: Source) -> Seen:
    """Look at all of `source`; parts are fetched and read side by side, counted in order."""
    total = Seen()
    for seen in side_by_side(of_part, source.parts, WORKERS):
        total.join(seen)
    return total


def of_part(part: Part) -> Seen:
    """Look at one part."""
    seen = Seen()
    with part.file() as path, pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=COLUMNS):
            seen.add(batch)
    return seen
