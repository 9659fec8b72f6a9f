import json
from dataclasses import replace
from pathlib import Path

import pytest
from data_sets import add

from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder


def test_a_reference_leads_to_its_version_and_on_demand_to_another(
    tmp_path: Path, dataset: Dataset
) -> None:
    for number in (1, 2, 3):
        add(dataset, "R_1", number)
    reference.write(tmp_path, dataset.uri, dataset.version(2), {"shard": 0})
    assert reference.is_in(tmp_path)
    found = reference.read(tmp_path)
    assert (found.version.number, found.dataset.uri) == (2, dataset.uri)
    assert reference.read(tmp_path, "1").version.number == 1
    assert reference.read(tmp_path, "newest").version.number == 3
    assert json.loads((tmp_path / reference.NAME).read_text())["shard"] == 0


def test_another_version_in_its_place_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    add(dataset, "R_1", 1)
    reference.write(tmp_path, dataset.uri, replace(dataset.newest(), note="another"), {})
    with pytest.raises(InputError, match="not the one that was handed on"):
        reference.read(tmp_path)


def test_a_folder_in_relation_to_this_one_is_found_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    version = Dataset(LocalFolder(Path("data"))).commit({}, run="test")
    reference.write(tmp_path, "data", version, {})
    monkeypatch.chdir("/")
    assert reference.read(tmp_path).version == version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "holds no reference.json"),
        ("{", "names no version of a data set"),
        ('{"data": "data", "digest": "d"}', "'version'"),
    ],
)
def test_a_folder_that_names_nothing_is_refused(
    tmp_path: Path, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / reference.NAME).write_text(text)
    with pytest.raises(InputError, match=said):
        reference.read(tmp_path)
