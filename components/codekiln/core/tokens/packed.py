"""Reads packed examples (see `packed_info`), from a folder or from the place that one names."""

import dataclasses
import hashlib
import json
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekiln.core import digest
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import MissingError, Objects, is_remote, local_path, open_store
from codekiln.core.tokens.folder import Ids
from codekiln.core.tokens.packed_info import (
    BOUND,
    INFO,
    KINDS,
    LOCATION,
    MANIFEST,
    OFFSET,
    TOKENIZER,
    TRAIN,
    VALIDATION,
    File,
    PackedInfo,
    info_of,
    shard_name,
)

Numbers = npt.NDArray[np.uint8]
Bounds = npt.NDArray[np.int32]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row; views of what is mapped, nothing is copied."""

    ids: Ids
    """Shape (length,)."""
    sections: Numbers
    """Shape (length,)."""
    bounds: Bounds
    """Shape (documents + 1,): document d is [bounds[d], bounds[d + 1]); the rest is padding."""

    def positions(self) -> npt.NDArray[np.int64]:
        """Return the place of each token in its document; padding counts as one document."""
        edges = np.append(self.bounds, len(self.ids))
        firsts = np.repeat(edges[:-1], np.diff(edges)).astype(np.int64)
        return np.arange(len(self.ids), dtype=np.int64) - firsts

    def documents(self) -> npt.NDArray[np.int64]:
        """Return the number of the document of each token, -1 for padding."""
        edges = np.append(self.bounds, len(self.ids))
        numbers = np.append(np.arange(len(self.bounds) - 1), -1)
        return np.repeat(numbers, np.diff(edges))


@dataclasses.dataclass(frozen=True, slots=True)
class _Shard:
    ids: Ids
    sections: Numbers
    bounds: Bounds
    offsets: npt.NDArray[np.int64]


class Split:
    """The rows of one side, by number; may be sent to other processes, which map it themselves."""

    def __init__(self, folder: Path, name: str, info: PackedInfo) -> None:
        """Map what lies in `folder`."""
        self.folder, self.name, self.info = folder, name, info
        self._shards = [_mapped(folder, name, number, info) for number in range(info.shards(name))]

    def __reduce__(self) -> tuple[type["Split"], tuple[Path, str, PackedInfo]]:
        """Pickle where it lies: an array that is mapped would be sent whole."""
        return Split, (self.folder, self.name, self.info)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.info.splits[self.name].rows

    def __getitem__(self, number: int) -> Row:
        """Return one row; raises IndexError."""
        if not 0 <= number < len(self):
            raise IndexError(f"row {number} of {len(self)}")
        shard = self._shards[number // self.info.shard_rows]
        row = number % self.info.shard_rows
        start, stop = shard.offsets[row : row + 2]
        return Row(shard.ids[row], shard.sections[row], shard.bounds[start:stop])


class Packed:
    """Opened tokens: both sides, and the files beside them."""

    def __init__(self, place: "_Place") -> None:
        """Use what `place` holds, checked."""
        self._place = place
        self.info = place.info

    @property
    def tokenizer(self) -> Path:
        """Return the folder of the tokenizer."""
        return self._place.folder / TOKENIZER

    @cached_property
    def train(self) -> Split:
        """Return the rows to train on."""
        return Split(self._place.folder, TRAIN, self.info)

    @cached_property
    def validation(self) -> Split:
        """Return the rows to measure on; none where nothing was held out."""
        return Split(self._place.folder, VALIDATION, self.info)

    def file(self, name: str) -> Path:
        """Return a file of this format by name, fetched if it is elsewhere; raises InputError."""
        return self._place.file(name)


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """A folder that holds the files, or to which they are brought from a store."""

    folder: Path
    info: PackedInfo
    store: Objects | None
    verify: bool
    remedy: str = ""
    """What is to be done before, for pack_examples does nothing where tokens look whole."""

    def file(self, name: str) -> Path:
        told = self.info.files.get(name)
        if told is None:
            raise InputError(f"{self.folder} has no {name}: it has {', '.join(self.info.files)}")
        path = self.folder / name
        whole = _is_whole(path, told, verify=self.verify)
        if self.store is not None and not whole:
            self.store.download(name, path)
            whole = _is_whole(path, told, verify=self.verify)
        if not whole:
            raise InputError(
                f"{path} is damaged or half-written: it is not the file of {told.bytes:,} bytes "
                f"that {INFO} tells of; {self.remedy}run pack_examples again"
            )
        return path


def open_packed(folder: Path, scratch: Path | None = None, *, verify: bool = True) -> Packed:
    """Open packed tokens, or those that `folder` says where they are.

    What lies in a remote store is brought into the folder `scratch`, unless it is there already.
    Without `verify` only sizes are held against tokens.json, not digests (a second for each GB).
    Raises InputError if something is missing, half-written or damaged.
    """
    path = folder / LOCATION
    place = _located(path, scratch, verify=verify) if path.is_file() else _local(folder, verify)
    for name in place.info.files:
        if name.rpartition(".")[2] in KINDS or name.startswith(f"{TOKENIZER}/"):
            place.file(name)
    return Packed(place)


def _local(folder: Path, verify: bool) -> _Place:
    path = folder / INFO
    if not path.is_file():
        raise InputError(f"{folder} holds no {INFO}: give a folder that pack_examples wrote")
    return _Place(folder, info_of(path.read_bytes(), str(path)), None, verify)


def _located(location: Path, scratch: Path | None, *, verify: bool) -> _Place:
    uri, told = read_location(location)
    store = open_store(uri)
    info = published(store, told)
    if info is None:
        raise InputError(
            f"{uri} is not whole: it holds no {MANIFEST} of {told[:12]}; run pack_examples again"
        )
    remedy = f"remove {uri} and "
    if not is_remote(uri):
        return _Place(local_path(uri), info, None, verify, remedy)
    if scratch is None:
        raise InputError(f"{uri} must be fetched: give a folder to fetch it into")
    return _Place(scratch / told, info, store, verify, remedy)


def read_location(path: Path) -> tuple[str, str]:
    """Return the URI and the digest that location.json names; raises InputError."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return str(told["tokens"]), str(told["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} names no tokens ({error}): run pack_examples again") from error


def published(store: Objects, wanted: str) -> PackedInfo | None:
    """Return what whole tokens with this digest `store` holds; None if there are none.

    Raises InputError if they are others, or damaged.
    """
    try:
        told = json.loads(store.read(MANIFEST))
        data = store.read(INFO)
        named, expected = told["digest"], File(**told["files"][INFO])
    except MissingError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{store.location(MANIFEST)} is damaged ({error}): remove it") from error
    if hashlib.sha256(data).hexdigest() != expected.sha256 or named != wanted:
        raise InputError(f"{store.location(INFO)} is damaged or of other tokens: remove all of it")
    return info_of(data, store.location(INFO))


def _is_whole(path: Path, told: File, *, verify: bool) -> bool:
    if not path.is_file() or path.stat().st_size != told.bytes:
        return False
    return not verify or digest.of_file(path) == told.sha256


def _mapped(folder: Path, split: str, number: int, info: PackedInfo) -> _Shard:
    rows = min(info.shard_rows, info.splits[split].rows - number * info.shard_rows)
    ids, sections, bounds, offsets = (folder / shard_name(split, number, kind) for kind in KINDS)
    shape = (rows, info.length)
    return _Shard(
        ids=np.asarray(np.memmap(ids, np.dtype(info.dtype), "r", shape=shape)),
        sections=np.asarray(np.memmap(sections, np.uint8, "r", shape=shape)),
        bounds=np.asarray(np.memmap(bounds, BOUND, "r")),
        offsets=np.asarray(np.memmap(offsets, OFFSET, "r", shape=(rows + 1,))),
    )
