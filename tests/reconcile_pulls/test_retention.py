import pytest
from ledgers_made import Collected

from codekiln.core.corpus.ledger import Sums
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import ServiceError
from codekiln.reconcile_pulls.retention import keep_newest


def versions(data: Collected, count: int) -> None:
    for number in range(1, count + 1):
        data.add("a/b", Sums(total=number, collected=number))


def test_what_a_long_run_left_goes_and_the_newest_and_named_stay(data: Collected) -> None:
    versions(data, 6)
    data.dataset.name(data.dataset.version(2), "before")
    head = data.dataset.version(6)
    kept = keep_newest(data.dataset, head, keep=2)
    assert kept.entries == head.entries
    left = [version.number for version in data.dataset.versions()]
    assert sorted(left) == [2, 5, 6, kept.number]


def test_where_nothing_is_old_the_version_is_the_one_that_was(data: Collected) -> None:
    versions(data, 3)
    head = data.dataset.version(3)
    assert keep_newest(data.dataset, head, keep=3) == head


def test_another_prune_costs_no_run_its_success(
    data: Collected, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    versions(data, 2)

    def hindered(*_: object) -> None:
        raise ServiceError("another prune has just begun")

    monkeypatch.setattr(Dataset, "prune", hindered)
    head = data.dataset.version(2)
    assert keep_newest(data.dataset, head, keep=1) == head
    assert "old versions stay for now" in caplog.text
