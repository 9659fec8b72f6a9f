import pytest
from data_sets import add, held

from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.datasets.retention import keep_newest
from codekiln.core.errors import ServiceError


def versions(dataset: Dataset, count: int) -> Version:
    for number in range(1, count + 1):
        add(dataset, "R_1", number)
    return dataset.newest()


def test_what_a_long_run_left_goes_and_the_newest_and_named_stay(dataset: Dataset) -> None:
    head = versions(dataset, 6)
    dataset.name(dataset.version(2), "before")
    kept = keep_newest(dataset, head, keep=2)
    assert kept.entries == head.entries
    left = [version.number for version in dataset.versions()]
    assert sorted(left) == [2, 5, 6, kept.number]
    assert held(dataset, "R_1") == [1, 2, 3, 4, 5, 6]


def test_where_nothing_is_old_the_version_is_the_one_that_was(dataset: Dataset) -> None:
    head = versions(dataset, 3)
    assert keep_newest(dataset, head, keep=3) == head


def test_another_prune_costs_no_run_its_success(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def hindered(*_: object) -> None:
        raise ServiceError("another prune has just begun")

    monkeypatch.setattr(Dataset, "prune", hindered)
    head = versions(dataset, 2)
    assert keep_newest(dataset, head, keep=1) == head
    assert "old versions stay for now" in caplog.text
