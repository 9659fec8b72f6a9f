"""Some of the examples that go, the first of each reason, for people to look at."""

from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import REJECTED, REJECTS, Example, Writer

SCHEMA = REJECTED.append(pa.field("detail", pa.string(), nullable=False))
"""`detail` says which problem of a benchmark it holds, or the id of the one it repeats."""


class Rejects:
    """Writes the first few rejects of each reason; a context."""

    def __init__(self, folder: Path, each: int) -> None:
        self._written: Counter[str] = Counter()
        self._each = each
        self._writer = Writer(examples.shard(folder, 0, REJECTS), SCHEMA)

    @property
    def path(self) -> Path | None:
        """Return the file, whole once the context has ended; None if there is no reject."""
        return self._writer.path if self._written else None

    def wants(self, reason: str) -> bool:
        """Say whether another reject of this reason would be written."""
        return self._written[reason] < self._each

    def add(self, example: Example, reason: str, detail: str) -> None:
        """Write a reject if there are not enough of its reason."""
        if self.wants(reason):
            self._writer.add(example, reason=reason, detail=detail)
            self._written[reason] += 1

    def __enter__(self) -> Self:
        """Begin."""
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, or remove it."""
        self._writer.__exit__(kind, error, trace)
