"""Makes data sets as collectors leave them, and the folders of runs around them."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builders import finish
from pulls_made import TIME, pull

from codekiln.core import manifest
from codekiln.core.corpus import ledger, pulls, repositories
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.pulls import COLLECTED, FAILED, FILTERED, LedgerRow
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import tables
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.storage.objects import open_store

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def row(number: int, outcome: str, reason: str = "") -> LedgerRow:
    return LedgerRow(
        number=number, state="merged", outcome=outcome, reason=reason, updated_at=TIME,
        merged_at=TIME, head_sha="c" * 40,
    )  # fmt: skip


def rows(collected: int, filtered: Mapping[str, int], failed: Mapping[str, int]) -> list[LedgerRow]:
    kinds = [(COLLECTED, "")] * collected
    kinds += [(FILTERED, reason) for reason, count in filtered.items() for _ in range(count)]
    kinds += [(FAILED, reason) for reason, count in failed.items() for _ in range(count)]
    return [row(number, *kind) for number, kind in enumerate(kinds, start=1)]


class Collected:
    """A data set in a folder or a store, filled as collectors fill it."""

    def __init__(self, place: Path | str) -> None:
        self.uri = str(place)
        self.dataset = Dataset(open_store(self.uri))

    def add(self, name: str, sums: Sums, **state: Any) -> Version:
        """Commit the entry of a repository, with rows that its sums tell of."""
        lines = rows(sums.collected, sums.filtered, sums.failed)
        kept = [pull(number) for number in range(1, sums.collected + 1)]
        entry = Entry(
            key=f"R_{name.replace('/', '_')}",
            tables={
                "ledger": tables.upsert(
                    self.dataset, (), [pulls.to_row(one) for one in lines], pulls.LEDGER
                ),
                "pulls": tables.upsert(
                    self.dataset, (), [pulls.to_row(one) for one in kept], pulls.PULLS
                ),
            },
            state={"name": name, "license": "MIT", "complete": True, "gone": "", **state}
            | {ledger.STATE: state.get(ledger.STATE, sums.to_json())},
        )
        return self.dataset.commit({entry.key: lambda _: entry}, run="r")


def repository(name: str) -> Repository:
    return Repository(
        node_id=f"R_{name.replace('/', '_')}", name=name, default_branch="main", license="MIT",
        stars=150, size_kib=9, pushed_at=NOW, archived=False, fork=False, language="Go",
        description="",
    )  # fmt: skip


class LeftRun:
    """The folder of a run, with what its steps leave."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def discovered(self, *names: str, **left_out: int) -> "LeftRun":
        folder = self.root / "steps" / "discover-repos" / "found"
        folder.mkdir(parents=True)
        repositories.write(folder, map(repository, names), NOW)
        finish(folder, "discover_repos", {"repositories": len(names), **left_out})
        return self

    def collected(self, shards: Sequence[int], of: int = 4) -> "LeftRun":
        for shard in shards:
            folder = self.root / "steps" / f"collect-pulls.{shard}" / "collected"
            folder.mkdir(parents=True)
            (folder / "reference.json").write_text("{}")
            told = manifest.read(finish(folder, "collect_pulls", {}))
            settings = {"shard": shard, "shards": of}
            manifest.write(folder, dataclasses.replace(told, settings=settings))
        return self

    def failed(self, task: str, error: str) -> "LeftRun":
        folder = self.root / "steps" / task
        folder.mkdir(parents=True)
        phase = task.partition(".")[0].replace("-", "_")
        manifest.write_json(folder / "failure.json", {"phase": phase, "error": error, "time": ""})
        return self
