from pathlib import Path

import pytest

from codekiln.build_examples.incremental import News
from codekiln.build_examples.publishing import Finished, Publisher
from codekiln.core.corpus.example_entries import Wanted, made_of
from codekiln.core.datasets.dataset import Dataset, Shard
from codekiln.core.storage.local import LocalFolder

PULLS = [Shard(sha256=f"{n}", rows=3, size=9, first=n, last=n) for n in range(4)]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(LocalFolder(tmp_path / "data"))


def finished(folder: Path, number: int, examples: int = 2) -> Finished:
    path = folder / f"{number}.parquet"
    path.write_text(f"examples {number}")
    return Finished("R_1", PULLS[number], path, {"examples": examples} if examples else {})


def publisher(dataset: Dataset, clock: list[float]) -> Publisher:
    wanted = Wanted(key="R_1", name="acme/a", license="MIT", shards=PULLS)
    none = Wanted(key="R_2", name="acme/b", license="", shards=())
    news = News(changed={"R_1": wanted, "R_2": none}, todo=[("R_1", one) for one in PULLS])
    return Publisher(dataset, news, "made with", 10, lambda: clock[0])


def test_what_was_made_is_committed_when_its_time_has_come_and_leaves_the_disk(
    tmp_path: Path, dataset: Dataset
) -> None:
    clock = [0.0]
    made = publisher(dataset, clock)
    for number, now in enumerate((1, 9.9, 10, 19)):
        clock[0] = now
        made.take(finished(tmp_path, number))
    assert dataset.numbers() == [1]
    assert [path.name for path in tmp_path.glob("*.parquet")] == ["3.parquet"]
    version = made.flush()
    assert (version.number, list(version.entries)) == (2, ["R_1"])
    entry = dataset.entry(version, "R_1")
    assert entry is not None
    assert [(shard.first, shard.rows) for shard in entry.tables["examples"]] == [
        (number, 2) for number in range(4)
    ]
    assert made.flush() == version


def test_pull_requests_without_examples_are_remembered_too(
    tmp_path: Path, dataset: Dataset
) -> None:
    made = publisher(dataset, [0.0])
    made.take(finished(tmp_path, 1, examples=0))
    entry = dataset.entry(made.flush(), "R_1")
    assert entry is not None
    assert (entry.tables, list(made_of(entry).given)) == ({}, ["1"])


def test_a_repository_that_needs_no_work_has_its_entry_at_once(dataset: Dataset) -> None:
    publisher(dataset, [0.0]).settle()
    assert list(dataset.newest().entries) == ["R_2"]
