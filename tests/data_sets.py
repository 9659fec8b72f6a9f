"""Small data sets of pull requests for tests, and stores on which something happens."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from codekiln.core.datasets import tables
from codekiln.core.datasets.commits import Change
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.storage.local import LocalFolder

FILE = pa.struct([("path", pa.string()), ("patch", pa.large_string())])
SCHEMA = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("merged_at", pa.timestamp("ms", "UTC")),
        pa.field("files", pa.list_(FILE)),
    ]
)
LEDGER = pa.schema([("number", pa.int64()), ("outcome", pa.string()), ("reason", pa.string())])
BUCKET = 10


def row(number: int, title: str = "a title") -> dict[str, Any]:
    """Make a pull request that follows from its number and title."""
    files = [{"path": f"{n}.go", "patch": f"+{title}\n" * n} for n in range(number % 3)]
    return {"number": number, "title": title, "merged_at": None, "files": files}


def adding(
    dataset: Dataset, key: str, rows: Iterable[dict[str, Any]], ledger: Iterable[Any] = ()
) -> Change:
    """Return a change that puts `rows` over those of the table `pulls` of `key`."""
    told = {"pulls": (list(rows), SCHEMA), "ledger": (list(ledger), LEDGER)}

    def change(entry: Entry | None) -> Entry:
        before = entry.tables if entry else {}
        made = {
            name: tables.upsert(dataset, before.get(name, ()), new, schema, BUCKET)
            for name, (new, schema) in told.items()
        }
        return Entry(key, made, {"name": f"acme/{key}"})

    return change


def add(dataset: Dataset, key: str, *numbers: int, title: str = "a title") -> None:
    """Commit pull requests of one repository."""
    dataset.commit(
        {key: adding(dataset, key, [row(n, title) for n in sorted(numbers)])}, run="test"
    )


def held(dataset: Dataset, key: str, version: int | str = "newest") -> list[int]:
    """Return the numbers that a version holds of `key`."""
    entry = dataset.entry(dataset.version(version), key)
    return [one["number"] for one in tables.rows(dataset, entry.tables["pulls"])] if entry else []


def numbers(dataset: Dataset) -> list[int]:
    """Return the numbers of the versions that are there, ascending."""
    return [version.number for version in dataset.versions()][::-1]


def objects(dataset: Dataset) -> dict[str, bytes]:
    """Return everything that is stored."""
    return {name: dataset.store.read(name) for name in dataset.store.names()}


Call = tuple[str, str]
"""What is asked of a store (`write`), and the name it is asked for."""


class Watched(LocalFolder):
    """A folder that tells each call before it is done."""

    def __init__(self, root: Path, before: Callable[[Call], None]) -> None:
        super().__init__(root)
        self.before = before

    def names(self, prefix: str = "") -> Any:
        self.before(("names", prefix))
        return super().names(prefix)

    def size(self, name: str) -> int:
        self.before(("size", name))
        return super().size(name)

    def read(self, name: str) -> bytes:
        self.before(("read", name))
        return super().read(name)

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        self.before(("write", name))
        super().write(name, data, create=create)

    def upload(self, name: str, path: Path, *, sha256: str | None = None) -> None:
        self.before(("upload", name))
        super().upload(name, path, sha256=sha256)

    def download(self, name: str, path: Path) -> None:
        self.before(("download", name))
        super().download(name, path)

    def delete(self, name: str) -> None:
        self.before(("delete", name))
        super().delete(name)
