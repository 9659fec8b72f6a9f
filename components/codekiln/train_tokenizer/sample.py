"""The sample that a tokenizer is trained on: of each section and each repository about as much.

A first reading measures what there is; from that follows the share of each repository's texts that
is drawn. Whether a text is drawn depends on its example, its section and the seed alone, so the
sample is the same on however many cores, and nobody has to hold the corpus.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from codekiln.core.corpus.examples import Example
from codekiln.train_tokenizer.turns import Turn

CHUNK = 4000
"""Characters that are trained on as one; SentencePiece counts places in a word with 16 bits."""

Group = tuple[str, str]
"""A section, and the repository it is of, by its id."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw from a turn, and the file it goes into, a chunk a line in JSON."""

    turn: Turn
    shares: Mapping[Group, float]
    seed: int
    path: Path


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, counted in characters: each letter, and the texts of each section."""

    letters: Counter[str]
    sections: Counter[str]


def measure(turn: Turn) -> Counter[Group]:
    """Return how many characters each repository of `turn` has in each section."""
    found: Counter[Group] = Counter()
    for example, texts in turn.read():
        for section, text in texts.items():
            found[section, example.repository_id] += len(text)
    return found


def shares(sizes: Mapping[Group, int], most: int) -> dict[Group, float]:
    """Return the share of each group that is drawn, so that about `most` characters are.

    Sections get as much as each other, and so do repositories within a section; what one does not
    have goes to the others.
    """
    sections: dict[str, dict[Group, int]] = defaultdict(dict)
    for group, size in sizes.items():
        if size:
            sections[group[0]][group] = size
    given = _dealt({name: sum(groups.values()) for name, groups in sections.items()}, most)
    return {
        group: dealt / groups[group]
        for name, groups in sections.items()
        for group, dealt in _dealt(groups, given[name]).items()
    }


def _dealt(wanted: Mapping[Key, int], most: float) -> dict[Key, float]:
    """Deal `most` out evenly; nobody gets more than is wanted."""
    dealt: dict[Key, float] = {}
    for place, (name, size) in enumerate(sorted(wanted.items(), key=lambda one: one[1])):
        dealt[name] = min(size, most / (len(wanted) - place))
        most -= dealt[name]
    return dealt


def draw(drawing: Drawing) -> Drawn:
    """Draw texts of a turn into its file."""
    drawn = Drawn(Counter(), Counter())
    with drawing.path.open("w", encoding="ascii") as file:
        for example, texts in drawing.turn.read():
            for section, text in texts.items():
                share = drawing.shares.get((section, example.repository_id), 0.0)
                if not _is_drawn(example, section, drawing.seed, share):
                    continue
                drawn.sections[section] += len(text)
                drawn.letters.update(text)
                file.writelines(json.dumps(chunk) + "\n" for chunk in chunks(text))
    return drawn


def _is_drawn(example: Example, section: str, seed: int, share: float) -> bool:
    told = f"{seed} {section} {example.id}".encode()
    place = int.from_bytes(hashlib.blake2b(told, digest_size=8).digest())
    return place < share * (1 << 64)


def chunks(text: str) -> Iterator[str]:
    """Cut `text` into pieces of at most CHUNK characters, after an end of line if there is one."""
    start = 0
    while start < len(text):
        stop = start + CHUNK
        if stop < len(text):
            stop = text.rfind("\n", start, stop) + 1 or stop
        yield text[start:stop]
        start = stop


def read(paths: Iterable[Path]) -> Iterator[str]:
    """Read the chunks of files that were drawn."""
    for path in paths:
        with path.open(encoding="ascii") as file:
            yield from map(json.loads, file)


def common(letters: Mapping[str, int], share: float) -> frozenset[str]:
    """Return the commonest of `letters` that make up this share of all; of equals all or none."""
    most = sum(letters.values()) * share
    rarest = 0
    for many in sorted(letters.values(), reverse=True):
        if most <= 0:
            break
        most -= many
        rarest = many
    return frozenset(letter for letter, many in letters.items() if many >= rarest)
