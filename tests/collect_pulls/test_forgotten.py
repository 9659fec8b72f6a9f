"""What was forgotten is not collected, though the list of the run names it."""

from pathlib import Path

import pytest
from collecting import EVERYTHING, bed_of

from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github.clock import run
from codekiln.fake_github.specs import RepositorySpec

SPECS = (RepositorySpec("acme/router", pulls=5), RepositorySpec("acme/mux", pulls=3))


def keep_out(dataset: Dataset, key: str) -> Version:
    mark = Forgotten(key=key, name="acme/router", when="2026-11-21T00:00:00+00:00")
    return dataset.commit({}, run="test", state=forgotten.kept_out(mark))


def test_a_list_that_was_made_before_collects_all_others(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, *SPECS, rules=EVERYTHING)
    key = bed.origins()[0].node_id
    keep_out(bed.dataset, key)
    outcome = run(bed.collect())
    assert dict(outcome.repositories) == {
        "repositories_forgotten": 1, "repositories_collected": 1,
    }  # fmt: skip
    assert [entry.state["name"] for entry in bed.entries().values()] == ["acme/mux"]
    assert outcome.sums.total == 3


def test_what_is_forgotten_while_it_is_collected_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = bed_of(tmp_path, *SPECS, rules=EVERYTHING)
    key = bed.origins()[0].node_id
    write = LocalFolder.write
    overtaken: list[bool] = []

    def overtake(self: LocalFolder, name: str, data: bytes, *, create: bool = False) -> None:
        if name == "v/00000002.json" and not overtaken:
            overtaken.append(key in Dataset(self).newest().entries)
            keep_out(Dataset(self), key)
        write(self, name, data, create=create)

    monkeypatch.setattr(LocalFolder, "write", overtake)
    outcome = run(bed.collect())
    assert overtaken == [True]
    assert key not in outcome.version.entries
    assert [entry.state["name"] for entry in bed.entries().values()] == ["acme/mux"]
    assert bed.state("acme/mux").complete
