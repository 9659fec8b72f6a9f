"""Which texts go because an earlier one is the same, or nearly.

Texts are taken in a given order, and one goes if a text that stayed before it is equal or at least
so much alike. Only what stayed is compared with: a long chain of small edits is thinned, not lost,
and cutting the ordered texts into nights anywhere leaves the same texts (tests prove it). Nights
out of order keep what an earlier night kept, whatever is merged before it.

Memory holds the keys of CHUNK texts and one block of what stayed before; both are passed over in
arrays. The kept ones of many nights cost some 0.1 us each and chunk, so only new texts count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from codekiln.clean_corpus.signatures import BANDS, Fingerprints, likeness
from codekiln.clean_corpus.text_hashes import Hashes, Places

KEPT, SEEN, EXACT, NEAR = range(4)
"""What becomes of a text; the lowest wins where several hold."""

CHUNK = 1 << 15
BLOCK = 1 << 14
PAIRS = 1 << 16
"""Pairs that are compared at once."""
COLUMNS = 2 + BANDS
"""Keys of one text: its id, its equality, its bands."""
FILTER_BITS = 22

_SALTS = (np.arange(COLUMNS, dtype=np.uint64) + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

Verdicts = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts: the ids of their examples, 64 bits of each id, and what is left of the texts."""

    ids: pa.StringArray
    id_keys: Hashes
    prints: Fingerprints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def id_at(self, place: int) -> str:
        """Return the id of the text at `place`."""
        return str(self.ids[place].as_py())

    def at(self, places: Places) -> "Texts":
        """Return those at `places`."""
        prints = Fingerprints(self.prints.near[places], self.prints.exact[places])
        return Texts(self.ids.take(pa.array(places)), self.id_keys[places], prints)

    def blocks(self, places: Places) -> Iterator["Texts"]:
        """Return those at `places`, a block at a time."""
        return (self.at(places[at : at + BLOCK]) for at in range(0, len(places), BLOCK))


def id_key(example: str) -> int:
    """Return 64 bits of the id of an example."""
    return int.from_bytes(blake2b(example.encode(), digest_size=8).digest(), "little")


def texts_of(ids: Sequence[str], prints: Fingerprints) -> Texts:
    """Return texts by the ids of their examples."""
    keys = np.fromiter(map(id_key, ids), np.uint64, len(ids))
    return Texts(pa.array(ids, pa.string()), keys, prints)


@dataclass(frozen=True, slots=True)
class Found:
    """What becomes of each text, and for those that go the id of the one that stays."""

    verdicts: Verdicts
    twins: dict[int, str] = field(default_factory=dict)


Blocks = Callable[[], Iterable[Texts]]
"""Gives what stayed on earlier nights, from the first night on; asked again for each chunk."""


def find(texts: Texts, order: Places, earlier: Blocks, alike: float) -> Found:
    """Return what becomes of `texts`, taken in `order`; from likeness `alike` the later goes."""
    found = Found(np.full(len(texts), KEPT, np.uint8))
    kept: list[Places] = []
    for start in range(0, len(order), CHUNK):
        chunk = _Chunk(texts, order[start : start + CHUNK], alike)
        for block in chain(earlier(), *map(texts.blocks, kept)):
            chunk.meet(block, found)
        kept.append(chunk.settle(found))
    return found


def keys_of(texts: Texts) -> Hashes:
    """Return the keys of texts, shape (texts, COLUMNS): a key in common makes two worth a look."""
    keys = np.empty((len(texts), COLUMNS), np.uint64)
    keys[:, 0] = texts.id_keys
    keys[:, 1] = texts.prints.exact
    keys[:, 2:] = np.ascontiguousarray(texts.prints.near).view(np.uint64)
    # A column's salt keeps a band from meeting another band; reordered bits fill the filter evenly.
    return (keys ^ _SALTS) * _SPREAD


class _Chunk:
    """Texts that are looked at together.

    Of texts that are equal the first one speaks for all where likeness is asked.
    """

    def __init__(self, texts: Texts, places: Places, alike: float) -> None:
        self.places, self.alike = places, alike
        self.texts = texts.at(places)
        self.keys = keys_of(self.texts)
        _, first, group = np.unique(self.keys[:, 1], return_index=True, return_inverse=True)
        self.speakers = first[group]
        self.near_twins: dict[int, str] = {}
        speaks = self.speakers == np.arange(len(places))
        usable = np.ones(self.keys.shape, np.bool_)
        usable[:, 2:] = (self.texts.prints.near.any(axis=1) & speaks)[:, None]
        flat = np.flatnonzero(usable)
        self.cells = flat[np.argsort(self.keys.ravel()[flat], kind="stable")]
        self.sorted = self.keys.ravel()[self.cells]
        self.filter = np.zeros(1 << FILTER_BITS, np.bool_)
        self.filter[_slots(self.sorted)] = True

    def meet(self, block: Texts, found: Found) -> None:
        """Drop the texts of the chunk that one of `block`, which stayed before, is like."""
        flat = keys_of(block).ravel()
        hits = np.flatnonzero(self.filter[_slots(flat)])
        first = np.searchsorted(self.sorted, flat[hits], side="left")
        counts = np.searchsorted(self.sorted, flat[hits], side="right") - first
        hits, first, counts = hits[counts > 0], first[counts > 0], counts[counts > 0]
        for some in _portions(counts):
            many = counts[some]
            inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            cells = self.cells[np.repeat(first[some], many) + inside]
            theirs, ours = np.repeat(hits[some] // COLUMNS, many), cells // COLUMNS
            is_near = cells % COLUMNS >= 2
            self._judge(block, theirs[~is_near], cells[~is_near], found)
            self._compare(block, theirs[is_near], ours[is_near])

    def _judge(self, block: Texts, theirs: Places, cells: Places, found: Found) -> None:
        """Drop what has an id or all lines in common with a row of `block`."""
        ours, kinds = cells // COLUMNS, cells % COLUMNS + SEEN
        # The lowest kind, then the earliest of the block, speaks for a text.
        for place in np.lexsort((theirs, kinds)):
            self._drop(found, int(ours[place]), int(kinds[place]), block, int(theirs[place]))

    def _drop(self, found: Found, row: int, kind: int, twins: Texts, twin: int) -> None:
        at = int(self.places[row])
        if found.verdicts[at] == KEPT:
            found.verdicts[at] = kind
            found.twins[at] = twins.id_at(twin)

    def _compare(self, block: Texts, theirs: Places, ours: Places) -> None:
        """Compare pairs that have a band in common, and remember the first twin of each text."""
        pairs = np.unique(ours * len(block) + theirs)
        ours, theirs = np.divmod(pairs, len(block))
        alike = likeness(block.prints.near[theirs], self.texts.prints.near[ours])
        for place in np.flatnonzero(alike >= self.alike).tolist():
            row = int(ours[place])
            if row not in self.near_twins:
                self.near_twins[row] = block.id_at(int(theirs[place]))

    def settle(self, found: Found) -> Places:
        """Drop what an earlier text of the chunk is like; return the places of all that stay."""
        again = self._repeated()
        alone = ~again[:, :2].any(axis=1) & ~again[self.speakers, 2:].any(axis=1)
        alone &= ~np.isin(self.speakers, [*self.near_twins])
        staying = _Staying(self, again)
        for row in np.flatnonzero(~alone).tolist():
            at = int(self.places[row])
            if found.verdicts[at] != KEPT:
                continue
            speaker = int(self.speakers[row])
            if speaker in self.near_twins:
                found.verdicts[at], found.twins[at] = NEAR, self.near_twins[speaker]
                continue
            kind, twin = staying.met(row, speaker)
            if kind == KEPT:
                staying.add(row, speaker)
            else:
                self._drop(found, row, kind, self.texts, twin)
        stays = found.verdicts[self.places] == KEPT
        return np.asarray(self.places[stays], np.int64)

    def _repeated(self) -> NDArray[np.bool_]:
        """Say which keys more than one text of the chunk has."""
        same = self.sorted[1:] == self.sorted[:-1]
        marks = np.zeros(len(self.sorted), np.bool_)
        marks[1:] |= same
        marks[:-1] |= same
        again = np.zeros(self.keys.shape, np.bool_)
        again.ravel()[self.cells[marks]] = True
        return again


class _Staying:
    """The texts of a chunk that stay so far, by those of their keys that others have too."""

    def __init__(self, chunk: _Chunk, again: NDArray[np.bool_]) -> None:
        self._chunk, self._again = chunk, again
        self._ids: list[int] = chunk.keys[:, 0].tolist()
        self._exact: list[int] = chunk.keys[:, 1].tolist()
        self._one: dict[int, int] = {}
        self._bands: dict[int, list[int]] = defaultdict(list)

    def met(self, row: int, speaker: int) -> tuple[int, int]:
        """Return the kind of duplicate that `row` is, and the row that stays in its place."""
        for kind, key in ((SEEN, self._ids[row]), (EXACT, self._exact[row])):
            if (twin := self._one.get(key)) is not None:
                return kind, twin
        rows = sorted({one for key in self._keys(speaker) for one in self._bands.get(key, ())})
        if rows:
            near = self._chunk.texts.prints.near
            alike = likeness(near[rows], near[row][None]) >= self._chunk.alike
            if alike.any():
                return NEAR, rows[int(np.argmax(alike))]
        return KEPT, -1

    def add(self, row: int, speaker: int) -> None:
        """Let `row` stay."""
        self._one[self._ids[row]] = self._one[self._exact[row]] = row
        for key in self._keys(speaker):
            self._bands[key].append(row)

    def _keys(self, speaker: int) -> list[int]:
        keys: list[int] = self._chunk.keys[speaker, 2:][self._again[speaker, 2:]].tolist()
        return keys


def _slots(keys: Hashes) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - FILTER_BITS)).astype(np.int64)


def _portions(counts: Places) -> Iterator[slice]:
    """Cut `counts` so that each portion adds up to about PAIRS; one great count stands alone."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        base = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + PAIRS, side="right")))
        yield slice(start, stop)
        start = stop
