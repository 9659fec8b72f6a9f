"""Records on a shelf: which kind they are, where they come from, how each is shown."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from codekiln.core.corpus import example_source, pulls
from codekiln.core.corpus.layout import SEARCHES
from codekiln.core.datasets.contents import shard_name
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.datasets.summary import keys_of, name_of
from codekiln.core.errors import InputError
from codekiln.core.page import words
from codekiln.core.storage.objects import is_remote
from codekiln.peek import commit_view, example_view, plain_view, pull_view
from codekiln.peek.json_lines import JsonLines
from codekiln.peek.place import Data, Files
from codekiln.peek.screen import Screen
from codekiln.peek.shelf import Part, Shelf

Show = Callable[[Screen, Mapping[str, Any], Collection[str]], None]

PREFERRED = (example_source.TABLE, "rejects", "pulls", "commits", "repositories")
"""The table that is shown of several, unless one is asked for."""
OF_REPOSITORIES = (example_source.TABLE, *pulls.SCHEMAS)
"""Tables of data sets whose entries are repositories."""
LOOKED_AT = 64
"""Entries that are asked which tables there are."""
FILES_COUNTED = 64
"""Files in a bucket up to which each is asked how many rows it has, unasked."""
COUNTED = 500
"""Entries of a data set up to which all are asked how many rows they hold, unasked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a record is called, how it is shown, and in which sections."""

    one: str
    many: str
    show: Show
    sections: Sequence[str] = ()


EXAMPLES = Kind("example", "examples", example_view.show, example_view.SECTIONS)
REJECTS = Kind("reject", "rejects", example_view.show, example_view.SECTIONS)
PULLS = Kind("pull request", "pull requests", pull_view.show, pull_view.SECTIONS)
COMMITS = Kind("commit", "commits", commit_view.show, commit_view.SECTIONS)
LINES = Kind("line", "lines", plain_view.show)


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of one kind to choose from; `total` is None where nobody counted them."""

    kind: Kind
    rows: Shelf | JsonLines
    total: int | None
    where: str
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one kind; `where` is said of them, `others` are the tables beside theirs."""

    parts: Iterable[Part]
    table: str
    where: str
    others: Sequence[str] = ()
    are_many: bool = False
    """To count them all would ask for thousands of objects."""


def of_files(found: Files, table: str) -> Records:
    """Return the records of a table of files; raises InputError for one that is not there."""
    name = chosen(found.tables, table, found.store.uri)
    names = found.tables[name]
    where = f"in {len(names):,} files" if len(names) > 1 else f"in {names[0]}"
    return Records(
        parts=[Part(found.store, one) for one in names],
        table=name,
        where=where,
        others=[other for other in found.tables if other != name],
        are_many=is_remote(found.store.uri) and len(names) > FILES_COUNTED,
    )


def of_data(found: Data, table: str, repository: str) -> Records:
    """Return the records of a table of a data set, of one repository if it is named."""
    dataset, version = found.dataset, found.version
    place = f"version {version.number} of {dataset.uri}"
    keys = keys_of(dataset, version, repository) if repository else sorted(version.entries)
    if repository and not keys:
        raise InputError(f"{place} holds no {repository}")
    tables = _tables(islice(dataset.entries(version, keys), LOOKED_AT))
    name = chosen(tables, table, place) if tables else table
    keys = [key for key in keys if key.startswith(SEARCHES.prefix) == (name == SEARCHES.table)]
    one, many = ("repository", "repositories") if name in OF_REPOSITORIES else ("entry", "entries")
    held = words.counted(len(keys), one, many)
    return Records(
        parts=Stored(dataset, version, keys, name),
        table=name,
        where=f"in version {version.number} ({version.created[:10]}) of {held}",
        others=[other for other in tables if other != name],
        are_many=len(keys) > COUNTED,
    )


def _tables(entries: Iterable[Entry]) -> list[str]:
    return sorted({name for entry in entries for name in entry.tables})


def chosen(tables: Collection[str], wanted: str, place: str) -> str:
    """Return the table that is wanted, or the one that people most likely want."""
    if wanted and wanted not in tables:
        raise InputError(f"{place} has no table {wanted}: give one of {', '.join(tables)}")
    return wanted or next((name for name in PREFERRED if name in tables), min(tables))


@dataclass(frozen=True, slots=True)
class Stored:
    """The shards of one table, repository by repository, asked for as they are come to."""

    dataset: Dataset
    version: Version
    keys: Sequence[str]
    table: str

    def __iter__(self) -> Iterator[Part]:
        """Yield the parts in order."""
        store = self.dataset.store
        for entry in self.dataset.entries(self.version, self.keys):
            for shard in entry.tables.get(self.table, ()):
                yield Part(store, shard_name(shard.sha256), shard.rows, name_of(entry))


def kind_of(part: Part | None) -> Kind:
    """Return what the rows of `part` are, by the schema that was written with them."""
    if part is None:
        return Kind("row", "rows", plain_view.show)
    with part.open() as file:
        schema = file.schema_arrow
    told = (schema.metadata or {}).get(b"codekiln.format", b"").decode()
    if told == "examples":
        return REJECTS if "reason" in schema.names else EXAMPLES
    if told == "pulls" and set(schema.names) >= set(pulls.PULLS.names):
        return PULLS
    return COMMITS if told == "commits" else Kind("row", "rows", plain_view.show, schema.names)
