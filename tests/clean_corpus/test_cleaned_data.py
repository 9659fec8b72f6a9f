"""What stands of the cleaned data, and what another may do to it meanwhile."""

from pathlib import Path

import example_folders
import pytest

from codekiln.clean_corpus import cleaned_data
from codekiln.clean_corpus.cleaned_data import Became, Plan
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import ServiceError
from codekiln.core.storage.objects import open_store


def planned(folder: Path, *repositories: str) -> tuple[Dataset, Plan]:
    """Plan to clean one example of each of these repositories."""
    some = [[example_folders.example(1, id=one, repository_id=one)] for one in repositories]
    given = example_folders.gathered(folder / "examples", str(folder), some)
    cleaned = Dataset(open_store(str(folder / "cleaned")))
    return cleaned, cleaned_data.plan(cleaned, reference.read(given), "rules")


def became(plan: Plan) -> dict[cleaned_data.Key, Became]:
    """Let nothing stay."""
    keys = [(part.key, part.shard.sha256) for part in plan.new if part.shard]
    return dict.fromkeys(keys, Became(None, {"examples": 1, "kept": 0, "dropped_robot": 1}))


def test_what_stands_is_not_new_and_counts_go_on_standing(tmp_path: Path) -> None:
    cleaned, first = planned(tmp_path, "A")
    cleaned_data.commit(cleaned, first, became(first))
    _, second = planned(tmp_path, "A", "B")
    assert [part.key for part in second.new] == ["B"]
    version = cleaned_data.commit(cleaned, second, became(second))
    assert cleaned_data.total(version) == {
        "examples": 2, "kept": 0, "dropped_robot": 2, "repositories": 2
    }  # fmt: skip


def test_a_repository_that_was_forgotten_is_not_cleaned(tmp_path: Path) -> None:
    cleaned, plan = planned(tmp_path, "A", "B")
    one = Forgotten(key="A", name="acme/a", when="2026-11-21T10:00:00+00:00")
    cleaned.commit({}, run="forget", state=forgotten.kept_out(one))
    version = cleaned_data.commit(cleaned, plan, became(plan))
    assert list(version.entries) == ["B"]
    _, later = planned(tmp_path, "A", "B")
    assert [entry.key for entry in later.given] == ["B"]
    assert not later.new


def test_what_another_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    cleaned, plan = planned(tmp_path, "A")
    cleaned.commit({"A": lambda _: Entry("A", {}, {"name": "other"})}, run="another")
    with pytest.raises(ServiceError, match="was changed while"):
        cleaned_data.commit(cleaned, plan, became(plan))
