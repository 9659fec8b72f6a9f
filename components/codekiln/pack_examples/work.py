"""One turn of a worker: some examples become documents in scratch files, in the order they came.

00007.ids      the ids of all documents, one after the other
00007.parquet  DOCUMENTS: which they are, how many tokens each section has
00007.jsonl    lines for people: the number of a document, a tab, JSON
"""

import contextlib
import functools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.corpus import examples
from codekiln.core.corpus.example_source import Part
from codekiln.core.corpus.examples import Example
from codekiln.core.progress import Report
from codekiln.core.tokens import folder as token_folder
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import Sentences
from codekiln.core.workers import count, workers
from codekiln.pack_examples.budgets import Budgets
from codekiln.pack_examples.encoding import Document, Encoder

DOCUMENTS = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in (
            ("id", pa.string()),
            ("repository", pa.string()),
            ("repository_id", pa.string()),
            ("number", pa.int64()),
            *((section, pa.int32()) for section in WRITTEN),
        )
    ]
)
GROUP_ROWS = 4096
READ_ROWS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """Examples of one file: all, or those of its row groups `first` up to `stop`."""

    part: Part
    first: int = 0
    stop: int | None = None

    def read(self) -> Iterator[Example]:
        """Read its examples in order."""
        with self.part.file() as path, pq.ParquetFile(path) as file:
            stop = file.num_row_groups if self.stop is None else self.stop
            groups = list(range(self.first, stop))
            for batch in file.iter_batches(READ_ROWS, row_groups=groups) if groups else ():
                yield from map(examples.from_row, batch.to_pylist())


@dataclass(frozen=True, slots=True)
class Job:
    """One turn: which examples, and how they are written.

    `export` is how many examples of a repository are written as lines at most, -1 for all.
    """

    number: int
    pieces: Sequence[Piece]
    scratch: Path
    tokenizer: Path
    budgets: Budgets
    export: int

    def path(self, kind: str) -> Path:
        """Return the path of one of its files."""
        return self.scratch / f"{self.number:05d}.{kind}"


def pieces(parts: Iterable[Part], size: int) -> Iterator[Piece]:
    """Cut files that lie here into pieces of about `size` examples; what is fetched stays whole."""
    for part in parts:
        if part.shard is not None:
            yield Piece(part)
            continue
        told = pq.read_metadata(part.place)
        first = rows = 0
        for group in range(told.num_row_groups):
            rows += told.row_group(group).num_rows
            if rows >= size or group == told.num_row_groups - 1:
                yield Piece(part, first, group + 1)
                first, rows = group + 1, 0


def turns(found: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    """Put small pieces together to turns of about `size` examples."""
    turn: list[Piece] = []
    rows = 0
    for piece in found:
        turn.append(piece)
        # Of a file's pieces each has about `size`.
        rows += piece.part.rows if piece.part.shard is not None else size
        if rows >= size:
            yield turn
            turn, rows = [], 0
    if turn:
        yield turn


def done(jobs: Sequence[Job], most: int, report: Report) -> Counter[str]:
    """Do all `jobs` on at most so many processes; return what they counted together."""
    total: Counter[str] = Counter()
    with workers(min(most, len(jobs)), report, preload=[__name__]) as pool:
        for tally in pool.ready(do, jobs):
            total.update(tally)
    return total


def do(job: Job) -> Counter[str]:
    """Do `job`; return what was counted."""
    sentences = _loaded(job.tokenizer)
    encoder = Encoder(sentences, job.budgets)
    tally: Counter[str] = Counter()
    found = (example for piece in job.pieces for example in piece.read())
    with _Files(job, sentences.vocab_size) as files:
        for example, made in encoder.documents(found):
            tally["examples"] += 1
            count(1)
            if isinstance(made, str):
                tally[f"refused_{made}"] += 1
            else:
                tally["packed"] += 1
                tally.update(made.cuts)
                files.add(example, made)
    return tally


@functools.lru_cache(1)
def _loaded(tokenizer: Path) -> Sentences:
    return Sentences.load(tokenizer)


class _Files:
    """The scratch files of a job; a context."""

    def __init__(self, job: Job, vocab_size: int) -> None:
        self._job, self._dtype = job, token_folder.dtype_for(vocab_size)
        self._lines: Counter[str] = Counter()
        self._number = 0
        self._rows: list[dict[str, Any]] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        job = self._job
        with contextlib.ExitStack() as stack:
            self._ids = stack.enter_context(job.path("ids").open("wb"))
            self._table = stack.enter_context(pq.ParquetWriter(job.path("parquet"), DOCUMENTS))
            self._told: IO[str] = stack.enter_context(job.path("jsonl").open("w", encoding="utf-8"))
            self._stack = stack.pop_all()
        return self

    def add(self, example: Example, document: Document) -> None:
        """Write one document."""
        self._ids.write(np.asarray(document.ids, dtype=self._dtype).tobytes())
        self._rows.append(
            {
                "id": example.id,
                "repository": example.repository,
                "repository_id": example.repository_id,
                "number": example.number,
                **document.sizes,
            }
        )
        if len(self._rows) == GROUP_ROWS:
            self._flush()
        # A repository is on one side, so these are enough of either.
        if self._job.export < 0 or self._lines[example.repository_id] < self._job.export:
            self._told.write(f"{self._number}\t{_line(example, document)}\n")
            self._lines[example.repository_id] += 1
        self._number += 1

    def _flush(self) -> None:
        if self._rows:
            self._table.write_table(pa.Table.from_pylist(self._rows, schema=DOCUMENTS))
        self._rows = []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            if kind is None:
                self._flush()


def _line(example: Example, document: Document) -> str:
    told = {
        "id": example.id,
        "repository": example.repository,
        **document.texts,
        "tokens": document.sizes,
    }
    return json.dumps(told, ensure_ascii=False)
