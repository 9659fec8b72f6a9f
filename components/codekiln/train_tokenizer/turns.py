"""The corpus in turns: some files of examples each, the same ones however many work on them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codekiln.core.corpus.example_source import Part
from codekiln.core.corpus.examples import Example
from codekiln.core.tokens import sections


@dataclass(frozen=True, slots=True)
class Turn:
    """Some examples, read together by one process."""

    number: int
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """Return how many examples there are."""
        return sum(part.rows for part in self.parts)

    def read(self) -> Iterator[tuple[Example, dict[str, str]]]:
        """Yield each example with the texts of its sections, in order."""
        for part in self.parts:
            for example in part.read():
                yield example, sections.texts(example)


def turns(parts: Iterable[Part], size: int) -> list[Turn]:
    """Put files together to turns of at least `size` examples, but for the last."""
    made: list[Turn] = []
    some: list[Part] = []
    for part in parts:
        some.append(part)
        if sum(one.rows for one in some) >= size:
            made.append(Turn(len(made), tuple(some)))
            some = []
    if some:
        made.append(Turn(len(made), tuple(some)))
    return made
