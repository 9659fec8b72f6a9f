"""Every text of the corpus to ids and back: it must come back as it was, byte for byte."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from codekiln.core.corpus.examples import Example
from codekiln.core.errors import InputError
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import Sentences
from codekiln.train_tokenizer.turns import Turn

BATCH = 64
"""Examples whose texts are encoded at once."""
AROUND = 20
"""Characters that are shown on each side of where a text differs."""


@dataclass(slots=True)
class Tally:
    """What some texts of one section came to."""

    texts: int = 0
    characters: int = 0
    bytes: int = 0
    uses: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """How often each id was used."""

    @property
    def tokens(self) -> int:
        """Return how many tokens the texts have."""
        return int(self.uses.sum())

    def add(self, other: Self) -> None:
        """Count what `other` counted too."""
        self.texts += other.texts
        self.characters += other.characters
        self.bytes += other.bytes
        self.uses = other.uses + self.uses if self.uses.size else other.uses


@dataclass(frozen=True, slots=True)
class Trip:
    """A turn of examples, and the folder of the tokenizer that encodes them."""

    turn: Turn
    tokenizer: Path


@dataclass(frozen=True, slots=True)
class Found:
    """What a turn came to by section, and how many examples it has."""

    examples: int
    tallies: Mapping[str, Tally]


def make(trip: Trip) -> Found:
    """Encode and decode the texts of a turn; raises InputError at the first that is changed."""
    sentences = _loaded(trip.tokenizer)
    tallies = {section: Tally() for section in WRITTEN}
    read = trip.turn.read()
    examples = 0
    while batch := list(islice(read, BATCH)):
        examples += len(batch)
        for section, tally in tallies.items():
            tally.add(_made([(one, texts[section]) for one, texts in batch], section, sentences))
    return Found(examples, tallies)


@lru_cache(1)
def _loaded(folder: Path) -> Sentences:
    return Sentences.load(folder)


def _made(some: Sequence[tuple[Example, str]], section: str, sentences: Sentences) -> Tally:
    ids = sentences.encode([text for _, text in some])
    for (example, text), one in zip(some, ids, strict=True):
        back = sentences.decode(one)
        if back != text:
            raise InputError(_difference(example, section, text, back))
    return Tally(
        texts=len(some),
        characters=sum(len(text) for _, text in some),
        bytes=sum(len(text.encode()) for _, text in some),
        uses=np.bincount(
            np.fromiter(chain.from_iterable(ids), np.int64), minlength=sentences.vocab_size
        ),
    )


def _difference(example: Example, section: str, text: str, back: str) -> str:
    place = next(_differing(text, back))
    part = slice(max(place - AROUND, 0), place + AROUND)
    return (
        f"the tokenizer changes the {section} of example {example.id} ({example.repository} "
        f"#{example.number}) at character {place}: {text[part]!r} becomes {back[part]!r}; train it "
        "anew, without reuse"
    )


def _differing(text: str, back: str) -> Iterator[int]:
    yield from (place for place, (a, b) in enumerate(zip(text, back, strict=False)) if a != b)
    yield min(len(text), len(back))
