"""Records of a file of JSON lines, read as far as needed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import Objects
from codekiln.peek import filters, ranged
from codekiln.peek.shelf import reservoir

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The lines of one file, and what is wanted of them: values by column."""

    store: Objects
    name: str
    wanted: Mapping[str, str]

    def first(self, many: int) -> list[Row]:
        """Return the first rows that pass."""
        return list(islice(self._rows(), many))

    def sample(self, many: int, seed: int) -> list[Row]:
        """Return rows drawn from all that pass, in their order."""
        drawn = reservoir(enumerate(self._rows()), many, seed)
        return [row for _, row in sorted(drawn, key=lambda pair: pair[0])]

    def count(self) -> int:
        """Return how many rows pass."""
        return sum(1 for _ in self._rows())

    def _rows(self) -> Iterator[Row]:
        with ranged.opened(self.store, self.name) as file:
            for number, line in enumerate(file, 1):
                if line.strip() and self._passes(row := self._row(number, line)):
                    yield row

    def _row(self, number: int, line: bytes) -> Row:
        try:
            told = json.loads(line)
        except (ValueError, RecursionError) as error:
            place = self.store.location(self.name)
            raise InputError(f"{place}, line {number} is no JSON: {error}; mend it") from error
        return told if isinstance(told, dict) else {"value": told}

    def _passes(self, row: Row) -> bool:
        return all(
            filters.is_value(row, name.split("."), value) for name, value in self.wanted.items()
        )
