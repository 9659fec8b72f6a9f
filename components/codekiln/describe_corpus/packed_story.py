"""What is packed: tokens by section and side, how long examples are in tokens, who is held out."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core.errors import InputError
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import Objects, open_store
from codekiln.core.tokens import packed_info
from codekiln.core.tokens.packed_info import PackedInfo
from codekiln.core.tokens.sections import WRITTEN
from codekiln.describe_corpus.lengths import Lengths

COLUMNS = ["repository", "repository_id", "length", *WRITTEN]
WHOLE = "whole"
BATCH_ROWS = 65_536


@dataclass
class Packed:
    """What tokens.json says, and what its tables of documents add up to."""

    info: PackedInfo
    place: str
    lengths: Mapping[str, Lengths]
    """Tokens of each section, and of WHOLE examples, markers with them."""
    tokens_of: Counter[str] = field(default_factory=Counter)
    """Tokens by repository."""
    side_of: dict[str, str] = field(default_factory=dict)
    """The split by repository."""
    leaks: set[str] = field(default_factory=set)
    """Node ids of repositories that are on both sides."""

    @property
    def tokens(self) -> int:
        """Return the tokens of both sides."""
        return sum(split.tokens for split in self.info.splits.values())

    @property
    def slots(self) -> int:
        """Return how many tokens all rows have room for."""
        return sum(split.rows for split in self.info.splits.values()) * self.info.length

    @property
    def padding(self) -> int:
        """Return how much of that room is empty."""
        return sum(split.padding for split in self.info.splits.values())

    @property
    def sections(self) -> dict[str, int]:
        """Return the tokens of both sides by section."""
        splits = self.info.splits.values()
        found = {name: sum(one.sections.get(name, 0) for one in splits) for name in WRITTEN}
        return {name: count for name, count in found.items() if count}

    @property
    def faults(self) -> Iterator[str]:
        """Say what does not add up."""
        if self.tokens + self.padding != self.slots:
            yield (
                f"packed tokens: {self.tokens:,} tokens and {self.padding:,} of padding are not "
                f"the {self.slots:,} that the rows have"
            )
        parts = sum(self.sections.values())
        if parts != self.tokens:
            yield f"packed tokens: the sections have {parts:,} tokens, all have {self.tokens:,}"
        documents = sum(split.documents for split in self.info.splits.values())
        if documents != self.info.counts.get("packed", documents):
            yield (
                f"packed tokens: {documents:,} examples are in both sides, "
                f"{self.info.counts['packed']:,} were packed"
            )
        if self.leaks:
            yield f"{len(self.leaks):,} repositories are on both sides of the split"


def read(folder: Path) -> Packed:
    """Read what `folder` holds, or says where it is; raises InputError if it is not there."""
    store = place_of(folder)
    data = store.read(packed_info.INFO)
    info = packed_info.info_of(data, store.location(packed_info.INFO))
    lengths = {name: Lengths(info.length) for name in (*WRITTEN, WHOLE)}
    found = Packed(info, store.uri, lengths)
    ids: dict[str, set[str]] = {}
    for split in info.splits:
        ids[split] = set()
        for batch in _documents(store, info, split):
            ids[split].update(batch["repository_id"].unique().to_pylist())
            _count(found, batch, split)
    sides = list(ids.values())
    found.leaks = set.intersection(*sides) if len(sides) > 1 else set()
    return found


def place_of(folder: Path) -> Objects:
    """Return the store that holds the tokens of `folder`."""
    location = folder / packed_info.LOCATION
    if not location.is_file():
        return open_store(str(folder))
    try:
        return open_store(str(json.loads(location.read_text(encoding="utf-8"))["tokens"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{location} names no tokens ({error}): run pack_examples again"
        ) from error


def _documents(store: Objects, info: PackedInfo, split: str) -> Iterator[pa.RecordBatch]:
    name = packed_info.documents_name(split)
    if name not in info.files:
        return
    with run_folder("codekiln-card-") as scratch:
        path = scratch / name
        store.download(name, path)
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(BATCH_ROWS, columns=COLUMNS)


def _count(found: Packed, batch: pa.RecordBatch, split: str) -> None:
    for name in WRITTEN:
        found.lengths[name].add(batch[name].to_numpy().astype("int64"))
    found.lengths[WHOLE].add(batch["length"].to_numpy().astype("int64"))
    table = pa.Table.from_batches([batch]).group_by("repository").aggregate([("length", "sum")])
    for row in table.to_pylist():
        found.tokens_of[row["repository"]] += row["length_sum"]
        found.side_of[row["repository"]] = split
