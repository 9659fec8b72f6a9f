"""What a path holds: found by the names in it, so that nothing large is read to know it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codekiln.core import manifest
from codekiln.core.datasets import reference
from codekiln.core.datasets.contents import VERSIONS
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import MissingError, Objects, is_remote, local_path, open_store
from codekiln.core.tokens import folder as windows

PARQUET = ".parquet"
LINES = (".jsonl", ".json.lines", ".ndjson")
NUMBERED = re.compile(r"-\d+\Z")
LOCATION = "location.json"
"""Names where packed tokens lie: {"tokens": URI, "digest": ...}."""
INFO = windows.INFO
TOKENIZER = "tokenizer.model"
CORPUS = ("examples", "cleaned")
NAMED = 12
"""Names that an error tells of what is there."""


@dataclass(frozen=True, slots=True)
class Files:
    """Parquet files of a store, by the table whose rows they hold."""

    store: Objects
    tables: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Data:
    """A version of a data set."""

    dataset: Dataset
    version: Version


@dataclass(frozen=True, slots=True)
class Lines:
    """A file of JSON, one object a line."""

    store: Objects
    name: str


@dataclass(frozen=True, slots=True)
class Windows:
    """Tokens of a history, cut into windows."""

    store: Objects


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed tokens of examples."""

    uri: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer."""

    store: Objects


@dataclass(frozen=True, slots=True)
class Corpus:
    """The place of all data sets of a pipeline, or of a run, and what can be looked at there."""

    uri: str
    parts: Sequence[str]
    what: str = "a corpus"


@dataclass(frozen=True, slots=True)
class Document:
    """JSON for people: the manifest of a step that left no records, or a small file."""

    place: str
    told: Mapping[str, Any]


Found = Files | Data | Lines | Windows | Packed | Vocabulary | Corpus | Document


def at(uri: str, version: str = "") -> Found:
    """Return what `uri` holds, of a data set this version; raises InputError if it is nothing."""
    parent, name = _parted(uri)
    if name:
        return _file(open_store(parent), name, version)
    return _folder(open_store(uri), version)


def _parted(uri: str) -> tuple[str, str]:
    """Return the folder and the name of a file; the name is "" for a folder."""
    if is_remote(uri):
        parent, _, name = uri.rstrip("/").rpartition("/")
        is_file = Path(name).suffix in (PARQUET, ".json", *LINES) and "://" in parent
        return (parent, name) if is_file else (uri, "")
    path = local_path(uri)
    if not path.exists():
        raise InputError(f"{uri}: there is nothing; give a folder, a file or s3://BUCKET/PREFIX")
    return (str(path.parent), path.name) if path.is_file() else (uri, "")


def _file(store: Objects, name: str, version: str) -> Found:
    if name == reference.NAME:
        return _referred(store, version)
    if name == LOCATION:
        return _located(store)
    if name.endswith(PARQUET):
        store.size(name)
        return Files(store, {table_of(name): [name]})
    if name.endswith(LINES):
        store.size(name)
        return Lines(store, name)
    if name.endswith(".json"):
        return Document(store.location(name), _json(store, name))
    if name == TOKENIZER:
        return Vocabulary(store)
    raise InputError(
        f"{store.location(name)}: what this file holds is not known here; give one that ends in "
        f"{PARQUET}, {', '.join(LINES[:1])} or .json, or a folder"
    )


def _folder(store: Objects, version: str) -> Found:
    """Look for marks that cost a call each, before the names of all objects are asked for."""
    if _holds(store, reference.NAME):
        return _referred(store, version)
    if _any(store, VERSIONS):
        dataset = Dataset(store)
        return Data(dataset, dataset.version(version or "newest"))
    if version:
        raise InputError(f"{store.uri} is no data set, so it has no version {version}: give none")
    if _holds(store, LOCATION):
        return _located(store)
    if _holds(store, INFO):
        told = _json(store, INFO)
        return Windows(store) if "window" in told and "overlap" in told else Packed(store.uri)
    corpus = [name for name in CORPUS if _any(store, f"{name}/{VERSIONS}")]
    return Corpus(store.uri, [*corpus, *_tokens(store)]) if corpus else _listed(store)


def _tokens(store: Objects) -> list[str]:
    """Return where packed tokens lie in a corpus, those that are whole."""
    end = f"/{manifest.NAME}"
    return [name.removesuffix(end) for name in store.names("tokens/") if name.endswith(end)]


def _listed(store: Objects) -> Found:
    names = _top(store)
    parquet = [name for name in names if name.endswith(PARQUET)]
    if parquet:
        return Files(store, by_table(parquet))
    if TOKENIZER in names:
        return Vocabulary(store)
    if manifest.NAME in names:
        return Document(store.location(manifest.NAME), _json(store, manifest.NAME))
    if steps := _steps(store, names):
        return Corpus(store.uri, steps, "steps of a run")
    lines = [name for name in names if name.endswith(LINES)]
    if lines:
        return Lines(store, lines[0])
    there = ", ".join([*names[:NAMED], "..."] if len(names) > NAMED else names)
    raise InputError(
        f"{store.uri} holds nothing that is known here"
        + (f", only {there}" if there else "")
        + "; give what a step wrote: a folder of records, a data set, tokens, a tokenizer"
    )


def _steps(store: Objects, names: Sequence[str]) -> list[str]:
    """Return the folders that steps of a run wrote, those that are whole."""
    inside = "steps/" if "steps/" in names else ""
    if not inside and not store.uri.rstrip("/").endswith("/steps"):
        return []
    end = f"/{manifest.NAME}"
    return [name.removesuffix(end) for name in store.names(inside) if name.endswith(end)]


def _top(store: Objects) -> list[str]:
    """Return the names directly in `store`, folders with a slash; nothing below them is read."""
    if not is_remote(store.uri):
        found = local_path(store.uri).iterdir()
        return sorted(f"{path.name}/" if path.is_dir() else path.name for path in found)
    parts = (name.partition("/") for name in store.names())
    return sorted({f"{name}{slash}" for name, slash, _ in parts})


def by_table(names: Iterable[str]) -> dict[str, list[str]]:
    """Return names of files by table, sorted."""
    tables: dict[str, list[str]] = {}
    for name in sorted(names):
        tables.setdefault(table_of(name), []).append(name)
    return tables


def table_of(name: str) -> str:
    """Return the table that a file belongs to: `examples` for examples-00003.parquet."""
    return NUMBERED.sub("", Path(name).stem)


def _referred(store: Objects, version: str) -> Data:
    if is_remote(store.uri):
        told = _json(store, reference.NAME)
        dataset = Dataset(open_store(str(told.get("data", ""))))
        return Data(dataset, dataset.version(version or str(told.get("version", "newest"))))
    found = reference.read(local_path(store.uri), version)
    return Data(found.dataset, found.version)


def _located(store: Objects) -> Packed:
    told = _json(store, LOCATION)
    if not isinstance(told.get("tokens"), str):
        raise InputError(f"{store.location(LOCATION)} names no tokens: run pack_examples again")
    return Packed(store.uri)


def _json(store: Objects, name: str) -> dict[str, Any]:
    try:
        told = json.loads(store.read(name))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{store.location(name)} is no JSON: {error}; mend it") from error
    return told if isinstance(told, dict) else {"holds": told}


def _holds(store: Objects, name: str) -> bool:
    try:
        return store.size(name) >= 0
    except MissingError:
        return False


def _any(store: Objects, prefix: str) -> bool:
    return next(iter(store.names(prefix)), None) is not None
