"""The format of packed examples: rows of tokens of one length, to be mapped into memory.

    tokens.json              PackedInfo: what this is, from what, every count; written last
    train-00000.ids          rows of `length` ids, little-endian uint16 (uint32: larger vocabulary)
    train-00000.sections     a byte for each id: NUMBERS of its section, 0 for padding
    train-00000.bounds       int32: where each document of a row begins, and where its last ends
    train-00000.offsets      int64: the bounds of row r are bounds[offsets[r] : offsets[r + 1]]
    train-documents.parquet  the documents in this order: id, repository, row, start, length, ...
    train.jsonl, val.jsonl   examples for people
    tokenizer/               what made the ids
    validation-...           the same of repositories that nothing is trained on

A document is an example, whole: it is in one row, no row has a part of one. Attention is not to
cross bounds, and positions begin anew at each. Markers belong to the section that they open or
close, BOS to the problem, EOS to the code. All shards of a split but the last have as many rows.

A step hands on such a folder, or one with `location.json`: {"tokens": URI, "digest": ...} names a
place in a store that holds the same files and, written last, `manifest.json`.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from codekiln.core import digest
from codekiln.core.errors import InputError
from codekiln.core.tokens.folder import INFO as INFO
from codekiln.core.tokens.folder import TOKENIZER as TOKENIZER
from codekiln.core.tokens.sections import SECTIONS

FORMAT = "codekiln packed tokens 1"
LOCATION = "location.json"
MANIFEST = "manifest.json"
TRAIN, VALIDATION = SPLITS = ("train", "validation")
EXPORTS = {TRAIN: "train.jsonl", VALIDATION: "val.jsonl"}
IDS, SECTION_NUMBERS, BOUNDS, OFFSETS = KINDS = ("ids", "sections", "bounds", "offsets")
BOUND, OFFSET = np.dtype("<i4"), np.dtype("<i8")

PATTERNS = (*(f"{split}-*" for split in SPLITS), *EXPORTS.values(), f"{TOKENIZER}/*")
"""The files beside tokens.json."""

PADDING = 0
NUMBERS = {section: number for number, section in enumerate(SECTIONS, start=1)}
"""What stands for each section in a row: 1 problem, 2 context, 3 plan, 4 code, 5 refine."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """How a file is told from a damaged one."""

    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SplitInfo:
    """What one side holds. `tokens` are without padding; `sections` are those of each section."""

    rows: int
    documents: int
    repositories: int
    tokens: int
    padding: int
    sections: Mapping[str, int]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """Tokens in the data (of the training side), and tokens that are trained over all epochs."""

    tokens: int
    epochs: int
    trained: int
    target: int
    share: float
    """Of the target."""
    epochs_to_target: int
    advice: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PackedInfo:
    """What tokens.json holds."""

    digest: str
    """Of what these tokens were made from; the name of their place in a store."""
    cleaned: str
    """Digest of the examples."""
    tokenizer: str
    """Digest of the tokenizer."""
    settings: Mapping[str, Any]
    length: int
    shard_rows: int
    dtype: str
    vocab_size: int
    bos: int
    eos: int
    pad: int
    splits: Mapping[str, SplitInfo]
    markers: Mapping[str, int]
    """Tokens of each section in each document that are markers."""
    counts: Mapping[str, int]
    """Examples read, packed, refused by reason; texts that were cut."""
    outlook: Outlook
    files: Mapping[str, File]
    format: str = FORMAT

    def __post_init__(self) -> None:
        """Raise ValueError for rows or shards that hold nothing."""
        if min(self.length, self.shard_rows) < 1:
            raise ValueError(f"rows of {self.length} ids, {self.shard_rows} rows a shard")

    def to_json(self) -> bytes:
        """Return the document; equal values are equal bytes."""
        return (json.dumps(dataclasses.asdict(self), indent=2) + "\n").encode()

    def shards(self, split: str) -> int:
        """Return how many shards `split` has."""
        return -(-self.splits[split].rows // self.shard_rows)


def info_of(data: bytes, place: str) -> PackedInfo:
    """Read tokens.json; raises InputError if it is none of this version."""
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            told = {}
        told["splits"] = {name: SplitInfo(**one) for name, one in told["splits"].items()}
        told["files"] = {name: File(**one) for name, one in told["files"].items()}
        told["outlook"] = Outlook(**told["outlook"])
        return PackedInfo(**told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{place} does not describe tokens in the format {FORMAT!r} ({error!r}): run "
            "pack_examples again"
        ) from error


def file_of(path: Path) -> File:
    """Return what tells the file `path` from a damaged one."""
    return File(bytes=path.stat().st_size, sha256=digest.of_file(path))


def shard_name(split: str, number: int, kind: str) -> str:
    """Return the name of one file of a shard."""
    return f"{split}-{number:05d}.{kind}"


def documents_name(split: str) -> str:
    """Return the name of the table of the documents of `split`."""
    return f"{split}-documents.parquet"
