"""Packed tokens on a screen: rows, the documents in them, what of each is learned.

Of the files only the bytes of the rows that are shown are read.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from codekiln.core.errors import InputError
from codekiln.core.page import words
from codekiln.core.storage.objects import Objects, open_store
from codekiln.core.tokens import packed_info
from codekiln.core.tokens.packed_info import (
    BOUND,
    BOUNDS,
    IDS,
    NUMBERS,
    OFFSET,
    OFFSETS,
    SECTION_NUMBERS,
    PackedInfo,
)
from codekiln.core.tokens.sections import CODE, PLAN, REFINE, SECTIONS, closing, opening
from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.peek import cuts, pieces
from codekiln.peek.screen import COLORS, Screen
from codekiln.peek.shelf import Part, Shelf

LEARNED = (PLAN, CODE, REFINE)
"""Sections that the loss is of; the others are what the model is told."""
LEARNED_BAR, GIVEN_BAR = "┃ ", "┊ "
"""What stands before each line, so that the mask is seen without colors too."""


@dataclass(frozen=True, slots=True)
class Section:
    """Tokens of one section of one document, its markers with them."""

    name: str
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Document:
    """An example in a row."""

    id: str
    repository: str
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its documents, and how many ids are padding."""

    number: int
    documents: Sequence[Document]
    padding: int


@dataclass(frozen=True)
class Rows:
    """One side of packed tokens in a store."""

    store: Objects
    info: PackedInfo
    split: str

    def row(self, number: int) -> Row:
        """Return one row; raises InputError if there is none."""
        total = self.info.splits[self.split].rows
        if not 0 <= number < total:
            raise InputError(f"{self.split} has no row {number}: rows are 0 to {total - 1}")
        shard, place = divmod(number, self.info.shard_rows)
        length, kind = self.info.length, np.dtype(self.info.dtype)
        ids = self._array(shard, IDS, kind, (place * length, (place + 1) * length))
        mask = self._array(
            shard, SECTION_NUMBERS, np.dtype(np.uint8), (place * length, (place + 1) * length)
        )
        bounds = self._bounds(shard, place)
        told = self._told(shard, place)
        if len(told) != len(bounds) - 1:
            raise self._cut(packed_info.documents_name(self.split))
        if max(ids) >= self.info.vocab_size:
            raise self._cut(packed_info.shard_name(self.split, shard, IDS))
        documents = [
            Document(one["id"], one["repository"], list(_sections(ids[a:b], mask[a:b])))
            for one, a, b in zip(told, bounds[:-1], bounds[1:], strict=True)
        ]
        return Row(number, documents, length - bounds[-1])

    def _bounds(self, shard: int, place: int) -> list[int]:
        """Return where the documents of a row begin, and where the last one ends."""
        start, stop = self._array(shard, OFFSETS, OFFSET, (place, place + 2))
        if not 0 <= start < stop <= start + self.info.length + 1:
            raise self._cut(packed_info.shard_name(self.split, shard, OFFSETS))
        bounds = self._array(shard, BOUNDS, BOUND, (start, stop))
        edges = [0, *bounds, self.info.length]
        if any(first > last for first, last in pairwise(edges)):
            raise self._cut(packed_info.shard_name(self.split, shard, BOUNDS))
        return bounds

    def _cut(self, name: str) -> InputError:
        return InputError(f"{self.store.location(name)} is cut or damaged: run pack_examples again")

    def numbers(self, wanted: Mapping[str, str]) -> list[int]:
        """Return the rows that hold a document with these values, in order."""
        rows = self._documents(wanted).first(self.info.splits[self.split].documents)
        return sorted({row["shard"] * self.info.shard_rows + row["row"] for row in rows})

    def _told(self, shard: int, place: int) -> list[dict[str, Any]]:
        """Return what the table tells of the documents of one row of a shard, in order."""
        wanted = {"shard": str(shard), "row": str(place)}
        found = self._documents(wanted).first(self.info.length)
        return sorted(found, key=lambda one: int(one["start"]))

    def _documents(self, wanted: Mapping[str, str]) -> Shelf:
        return Shelf([Part(self.store, packed_info.documents_name(self.split))], wanted)

    def _array(
        self, shard: int, kind: str, dtype: "np.dtype[Any]", span: tuple[int, int]
    ) -> list[int]:
        name = packed_info.shard_name(self.split, shard, kind)
        start, stop = (one * dtype.itemsize for one in span)
        data = self.store.read_range(name, start, stop)
        if len(data) != stop - start:
            raise self._cut(name)
        found: list[int] = np.frombuffer(data, dtype).tolist()
        return found


def _sections(ids: Sequence[int], mask: Sequence[int]) -> Iterator[Section]:
    names = {number: name for name, number in NUMBERS.items()}
    edges = [0, *(n for n in range(1, len(mask)) if mask[n] != mask[n - 1]), len(mask)]
    for start, stop in pairwise(edges):
        yield Section(names.get(mask[start], "padding"), ids[start:stop])


class Tokens:
    """Opened for a look: what tokens.json says, and the tokenizer when it is asked for."""

    def __init__(self, uri: str) -> None:
        """Find where the tokens lie; raises InputError if they do not."""
        self.store = _store(uri)
        data = self.store.read(packed_info.INFO)
        self.info = packed_info.info_of(data, self.store.location(packed_info.INFO))

    def rows(self, split: str) -> Rows:
        """Return one side; raises InputError if it holds nothing."""
        if split not in self.info.splits:
            raise InputError(f"there is no table {split}: give {' or '.join(self.info.splits)}")
        return Rows(self.store, self.info, split)

    @cached_property
    def sentences(self) -> Sentences:
        """Return the tokenizer, fetched."""
        return pieces.fetched(self.store, f"{packed_info.TOKENIZER}/{MODEL}")


def _store(uri: str) -> Objects:
    store = open_store(uri)
    try:
        told = json.loads(store.read(packed_info.LOCATION))
    except InputError:
        return store
    return open_store(str(told["tokens"]))


def headline(screen: Screen, info: PackedInfo) -> None:
    """Write what all of it is."""
    screen.line(
        ("packed tokens", "bold"),
        f": rows of {info.length:,}, {info.vocab_size:,} in the vocabulary",
    )
    for name, split in info.splits.items():
        full = 100 * split.tokens / max(split.tokens + split.padding, 1)
        shares = ", ".join(f"{part} {count:,}" for part, count in split.sections.items() if count)
        screen.line(
            f"  {name}: {split.rows:,} rows, {full:.1f} % full, {split.documents:,} examples of "
            f"{words.counted(split.repositories, 'repository', 'repositories')}; tokens: {shares}"
        )


def show(
    screen: Screen, tokens: Tokens, row: Row, sections: Collection[str], *, with_ids: bool
) -> None:
    """Write one row, document by document; `with_ids` shows where tokens end, and their ids."""
    used = tokens.info.length - row.padding
    screen.line(
        (f"row {row.number}", "bold"),
        f"  {len(row.documents):,} documents, {used:,} of {tokens.info.length:,} tokens",
        (f", {row.padding:,} padding", "dim"),
    )
    for place, document in enumerate(row.documents, 1):
        screen.line()
        learned = sum(len(one.ids) for one in document.sections if one.name in LEARNED)
        total = sum(len(one.ids) for one in document.sections)
        screen.line(
            (f"document {place} of {len(row.documents)}", "bold"), f"  {document.repository}",
            (f"  {document.id}", "dim"), f"  {learned:,} of {total:,} tokens are learned",
        )  # fmt: skip
        for one in document.sections:
            if not sections or one.name in sections:
                _section(screen, tokens, one, with_ids=with_ids)


def _section(screen: Screen, tokens: Tokens, section: Section, *, with_ids: bool) -> None:
    name, learned = section.name, section.name in LEARNED
    note = f"{len(section.ids):,} tokens, {'learned' if learned else 'given, not learned'}"
    screen.heading(name, note)
    color, bar = COLORS.get(name, "white"), LEARNED_BAR if learned else GIVEN_BAR
    if with_ids:
        told = pieces.texts(tokens.sentences, section.ids)
        styles = (color, f"{color} underline")
        screen.body(cuts.shown(told, section.ids, styles, with_ids=True), color, bar)
        return
    text = tokens.sentences.decode(_inner(tokens, section.ids))
    if name == CODE:
        screen.code(text.strip("\n"), color, bar)
    else:
        screen.prose(text.strip("\n"), color, bar)


def _inner(tokens: Tokens, ids: Sequence[int]) -> list[int]:
    """Return `ids` without the markers around them."""
    info, of = tokens.info, tokens.sentences.id_of
    around = {info.bos, info.eos, info.pad}
    around |= {of(mark(name)) for name in SECTIONS for mark in (opening, closing)}
    return [one for one in ids if one not in around]


def document(row: Row) -> dict[str, Any]:
    """Return a row as JSON."""
    return {
        "row": row.number,
        "padding": row.padding,
        "documents": [
            {
                "id": one.id,
                "repository": one.repository,
                "sections": {part.name: list(part.ids) for part in one.sections},
            }
            for one in row.documents
        ],
    }
