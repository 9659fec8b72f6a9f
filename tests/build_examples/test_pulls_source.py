from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pull_folders import collected, dataset, parquet
from pulls_made import pull

from codekiln.build_examples import pulls_source
from codekiln.build_examples.pulls_source import Source
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder


def numbers(found: Source) -> list[int]:
    return [one.number for part in found.parts for one in pulls_source.read(part)]


def test_a_folder_of_files_is_read_in_order_of_names_and_row_groups(tmp_path: Path) -> None:
    parquet(tmp_path, [pull(n) for n in (3, 1, 2)], [pull(9)], group=2)
    found = pulls_source.source(tmp_path, "", 0, 1)
    assert numbers(found) == [3, 1, 2, 9]
    assert [part.rows for part in found.parts] == [2, 1, 1]


def test_a_data_set_is_read_by_repository_and_number(tmp_path: Path) -> None:
    version = dataset(tmp_path / "data", R_b=[pull(25), pull(31)], R_a=[pull(40)])
    folder = collected(tmp_path / "collected", tmp_path / "data", version)
    found = pulls_source.source(folder, "", 0, 1)
    assert numbers(found) == [40, 25, 31]
    assert found.digest == version.digest


def test_an_older_version_is_read_where_it_is_wanted(tmp_path: Path) -> None:
    dataset(tmp_path / "data", R_a=[pull(1)])
    version = dataset(tmp_path / "data", R_b=[pull(2)])
    folder = collected(tmp_path / "collected", tmp_path / "data", version)
    assert numbers(pulls_source.source(folder, "1", 0, 1)) == [1]
    assert numbers(pulls_source.source(folder, "", 0, 1)) == [1, 2]


def test_shards_share_the_repositories_without_loss(tmp_path: Path) -> None:
    version = dataset(tmp_path / "data", **{f"R_{n}": [pull(n)] for n in range(20)})
    folder = collected(tmp_path / "collected", tmp_path / "data", version)
    parts = [numbers(pulls_source.source(folder, "", shard, 3)) for shard in range(3)]
    assert sorted(n for part in parts for n in part) == list(range(20))
    assert all(parts)


def test_a_version_with_another_digest_is_refused(tmp_path: Path) -> None:
    version = dataset(tmp_path / "data", R_a=[pull(1)])
    other = replace(version, note="another")
    folder = collected(tmp_path / "collected", tmp_path / "data", other)
    with pytest.raises(InputError, match="not the one that was handed on"):
        pulls_source.source(folder, "", 0, 1)


def test_a_folder_with_neither_says_what_was_wanted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither reference\.json nor"):
        pulls_source.source(tmp_path, "", 0, 1)


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="holds no pull requests"):
        pulls_source.source(tmp_path, "", 0, 1)


def test_a_version_of_a_folder_without_a_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no data set"):
        pulls_source.source(parquet(tmp_path, [pull(1)]), "3", 0, 1)


def test_neighboring_parts_make_jobs_of_about_one_size(tmp_path: Path) -> None:
    parquet(tmp_path, [pull(n) for n in range(10)], group=2)
    parts = pulls_source.source(tmp_path, "", 0, 1).parts
    jobs = list(pulls_source.jobs(parts, 5))
    assert [sum(part.rows for part in job) for job in jobs] == [6, 4]


def test_nothing_to_read_is_one_empty_job() -> None:
    assert list(pulls_source.jobs([], 5)) == [[]]


def test_an_older_version_is_read_without_what_was_forgotten_since(tmp_path: Path) -> None:
    version = dataset(tmp_path / "data", R_a=[pull(1)], R_b=[pull(2)])
    one = Forgotten(key="R_a", name="acme/a", when="")
    data = Dataset(LocalFolder(tmp_path / "data"))
    data.commit({}, run="forget", state=forgotten.kept_out(one))
    folder = collected(tmp_path / "collected", tmp_path / "data", version)
    for named in ("", "1"):
        assert numbers(pulls_source.source(folder, named, 0, 1)) == [2]
