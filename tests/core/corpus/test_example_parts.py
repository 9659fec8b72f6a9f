from dataclasses import asdict
from pathlib import Path

import pytest
from data_sets import add
from pull_folders import sealed

from codekiln.core.corpus import example_parts
from codekiln.core.corpus.example_parts import Part, Parts
from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Return a data set of three versions."""
    made = Dataset(open_store(str(tmp_path / "examples")))
    for key in "abc":
        add(made, key, 1)
    return made


def left(run: Path, dataset: Dataset, version: int, shard: int, made_with: str = "now") -> Path:
    """Leave what a maker of one of two parts leaves."""
    folder = run / "steps" / f"build-examples.{shard}-{version}" / "examples"
    folder.mkdir(parents=True)
    told = asdict(Part(shard=shard, shards=2, made_with=made_with))
    reference.write(folder, dataset.uri, dataset.version(version), told)
    return sealed(folder)


def test_the_last_version_of_a_run_is_the_one_that_its_parts_left(
    tmp_path: Path, dataset: Dataset
) -> None:
    for shard, version in ((0, 2), (1, 1)):
        left(tmp_path / "run", dataset, version, shard)
    parts = example_parts.of_run(str(tmp_path / "run"))
    assert parts == Parts("now", 2, dataset.version(2).digest)
    assert parts.last(dataset) == dataset.version(2)
    assert Parts("now", 2, "of another").last(dataset) is None
    assert Parts("now", 9, "pruned").last(dataset) is None


def test_of_a_part_that_was_made_twice_the_later_counts(tmp_path: Path, dataset: Dataset) -> None:
    left(tmp_path, dataset, 1, 0, "before")
    for shard, version in ((0, 3), (1, 2)):
        left(tmp_path, dataset, version, shard)
    assert example_parts.of_run(str(tmp_path)).made_with == "now"


def test_parts_that_were_told_different_things_are_no_run(tmp_path: Path, dataset: Dataset) -> None:
    left(tmp_path, dataset, 1, 0)
    left(tmp_path, dataset, 2, 1, "before")
    with pytest.raises(InputError, match="1 of the 2 parts, from 0, made examples with other"):
        example_parts.of_run(str(tmp_path))


@pytest.mark.parametrize("broken", ["reference.json", "manifest.json"])
def test_a_part_that_did_not_come_to_its_end_is_missing(
    tmp_path: Path, dataset: Dataset, broken: str
) -> None:
    left(tmp_path, dataset, 1, 1)
    path = left(tmp_path, dataset, 2, 0) / broken
    path.write_text("[") if broken == reference.NAME else path.unlink()
    with pytest.raises(InputError, match="no examples of 0 of the 2 parts"):
        example_parts.of_run(str(tmp_path))


@pytest.mark.parametrize("run", ["", "gs://bucket/run", "nowhere"])
def test_of_a_run_that_cannot_be_read_nothing_is_known(
    tmp_path: Path, dataset: Dataset, run: str
) -> None:
    root = str(tmp_path / run) if run == "nowhere" else run
    assert example_parts.of_run(root) == Parts()
    assert Parts().last(dataset) is None
