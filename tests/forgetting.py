"""A small world for tests of forgetting: data sets, tokens and runs that hold two repositories.

Texts of acme/router (R_router) hold NEEDLE, those of acme/mux (R_mux) THREAD.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import example_folders
import pyarrow as pa
import pyarrow.parquet as pq
from lineages import step
from pulls_made import pull

from codekiln.core.corpus import examples
from codekiln.core.corpus.pulls import PULLS, to_row
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.storage.objects import Objects, open_store
from codekiln.discover_repos import kept
from codekiln.discover_repos.kept import Kept
from codekiln.discover_repos.search import Answer

NEEDLE, THREAD = "unforgettable", "harmless"
WORDS = {"R_router": NEEDLE, "R_mux": THREAD}
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SIGNATURES = pa.schema([("id", pa.string()), ("repository_id", pa.string())])

Forget = Callable[..., Any]
"""Runs the program in this process; returns its document, or its lines with json_=False."""


def become(entry: Entry, _: Entry | None) -> Entry:
    return entry


def commit(dataset: Dataset, **entries: Entry) -> Version:
    return dataset.commit({key: partial(become, one) for key, one in entries.items()}, run="test")


class World:
    """The places of one world, below a folder or a URI; runs are always local."""

    def __init__(self, root: str, runs: Path) -> None:
        self.root, self.runs = root, runs
        self.data, self.corpus = f"{root}/data", f"{root}/corpus"

    @property
    def flags(self) -> list[str]:
        return ["--data", self.data, "--corpus", self.corpus, "--runs", str(self.runs)]

    def dataset(self, name: str) -> Dataset:
        return Dataset(open_store(self.data if name == "data" else f"{self.corpus}/{name}"))

    @property
    def datasets(self) -> list[Dataset]:
        return [self.dataset(name) for name in ("data", "examples", "cleaned", "near/rules")]

    def store(self) -> Objects:
        return open_store(self.root)

    # --- making it ---

    def make(self, scratch: Path) -> None:
        """Make all of it: the first version of the pull requests is without R_router."""
        data = self.dataset("data")
        commit(data, R_mux=self.pulls("R_mux", "acme/mux", 1))
        commit(data, R_router=self.pulls("R_router", "acme/old", 1))
        commit(data, R_router=self.pulls("R_router", "acme/router", 1, 2, 12))
        data.name(3, "collect-1")
        found = tuple(repository(key) for key in WORDS)
        kept.keep(data, "language:Go", Kept(NOW, {"stars:>=9": Answer(2, found)}), "test")
        for name in ("examples", "cleaned"):
            dataset = self.dataset(name)
            commit(dataset, R_mux=self.examples(dataset, "R_mux", "acme/mux", scratch))
            commit(dataset, R_router=self.examples(dataset, "R_router", "acme/router", scratch))
        near = self.dataset("near/rules")
        commit(near, night=self.signatures(near, ("R_router", "R_mux", "R_router"), scratch))
        self.tokens("both", ("R_router", "R_mux"), scratch)
        self.tokens("one", ("R_mux",), scratch)
        self.make_runs()

    def pulls(self, key: str, name: str, *numbers: int) -> Entry:
        made = [
            pull(n, repository=name, repository_id=key, body=f"{WORDS[key]} {n}") for n in numbers
        ]
        rows = (to_row(one) for one in made)
        shards = tables.upsert(self.dataset("data"), (), rows, PULLS, bucket=10)
        return Entry(key, {"pulls": shards}, {"name": name, "license": "MIT"})

    def examples(self, dataset: Dataset, key: str, name: str, scratch: Path) -> Entry:
        path = scratch / "examples.parquet"
        with examples.Writer(path) as writer:
            for n in (1, 2):
                told = {"repository": name, "repository_id": key, "id": f"{key}-{n}"}
                writer.add(example_folders.example(n, f"// {WORDS[key]}\nfunc f() {{}}\n", **told))
        shard = dataset.put(path, rows=2, first=1, last=2)
        return Entry(key, {"examples": [shard]}, {"name": name, "license": "MIT", "from": {}})

    def signatures(self, near: Dataset, owners: Sequence[str], scratch: Path) -> Entry:
        path = scratch / "near.parquet"
        rows = [{"id": f"{key}-{n}", "repository_id": key} for n, key in enumerate(owners)]
        pq.write_table(pa.Table.from_pylist(rows, schema=SIGNATURES), path, compression="none")
        shard = near.put(path, rows=len(rows), first=0, last=len(rows) - 1)
        return Entry("night", {"signatures": [shard]}, {"number": 1})

    def tokens(self, name: str, owners: Sequence[str], scratch: Path) -> None:
        store = open_store(f"{self.corpus}/tokens/{name}")
        path = scratch / "documents.parquet"
        pq.write_table(pa.table({"repository_id": list(owners)}), path)
        store.upload("train-documents.parquet", path)
        store.write("train.jsonl", " ".join(WORDS[key] for key in owners).encode())
        store.write("train-00000.ids", name.encode())
        store.write("tokens.json", b"{}")
        store.write("manifest.json", b'{"digest": "%s", "files": {}}' % name.encode())

    def make_runs(self) -> None:
        """Leave what two runs left: one began before R_router came, and one after."""
        for day, version, cleaned, tokens in ((1, 1, 1, "one"), (2, 3, 2, "both")):
            run, hour = self.runs / f"run-{day}", f"2026-11-0{day}T0"
            data, of = self.dataset("data").version(version), self.dataset("cleaned").version
            step(
                run / "collected", "snapshot_pulls", f"{hour}1:00", ("reference.json",),
                data=data.digest,
            )  # fmt: skip
            packed = step(
                run / "tokens", "pack_examples", f"{hour}2:00", ("location.json",),
                cleaned=of(cleaned).digest, written=tokens,
            )  # fmt: skip
            step(run / "model", "train_model", f"{hour}3:00", tokens=packed)


def repository(key: str) -> Repository:
    name = "acme/router" if key == "R_router" else "acme/mux"
    return Repository(
        node_id=key, name=name, default_branch="main", license="MIT", stars=9, size_kib=1,
        pushed_at=NOW, archived=False, fork=False, language="Go", description=WORDS[key],
    )  # fmt: skip


# --- looking ---


def objects(store: Objects) -> dict[str, bytes]:
    """Return everything that is stored, but what leases and probes leave."""
    aside = ("/leases/", "/probe/", "probe/", "/prunes/")
    names = [name for name in store.names() if not any(part in f"/{name}" for part in aside)]
    return {name: store.read(name) for name in names}


def holding(store: Objects, word: str) -> list[str]:
    """Return the names of the objects that hold `word`, packed in Parquet or not."""
    return [name for name, data in objects(store).items() if word in readable(name, data)]


def readable(name: str, data: bytes) -> str:
    if name.endswith(".parquet"):
        return str(pq.read_table(pa.BufferReader(data)).to_pylist())
    return data.decode(errors="replace")


def newest_texts(dataset: Dataset) -> str:
    """Return all rows of the newest version, and what it says of them."""
    head = dataset.newest()
    entries = list(dataset.entries(head))
    rows = [list(tables.rows(dataset, part)) for one in entries for part in one.tables.values()]
    return str([entries, rows])


def entries_of(dataset: Dataset) -> Iterator[tuple[str, Mapping[str, Sequence[Shard]], Any]]:
    """Yield what the entries of the newest version say."""
    yield from ((one.key, one.tables, one.state) for one in dataset.entries(dataset.newest()))
