"""What stands of the cleaned data, and what another may do to it meanwhile."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import example_folders
import pytest

from codekiln.clean_corpus import cleaned_data
from codekiln.clean_corpus.cleaned_data import Became, Plan
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.datasets.reference import Referred
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
    assert cleaned_data.standing(cleaned, reference.read(tmp_path / "examples"), "rules") is None
    _, later = planned(tmp_path, "A", "B")
    assert [entry.key for entry in later.given] == ["B"]
    assert not later.new
    assert cleaned_data.total(cleaned_data.commit(cleaned, later, {}))["repositories"] == 1


def forgetting(folder: Path, key: str) -> None:
    """Let the data set of examples keep `key` out."""
    one = Forgotten(key=key, name=f"acme/{key.lower()}", when="2026-11-21T10:00:00+00:00")
    examples = Dataset(open_store(str(folder / "examples")))
    examples.commit({}, run="forget", state=forgotten.kept_out(one))


def test_what_the_examples_keep_out_by_now_is_not_cleaned_whatever_was_handed_on(
    tmp_path: Path,
) -> None:
    cleaned, before = planned(tmp_path, "A", "B")
    assert cleaned.head() is None
    forgetting(tmp_path, "A")
    plan = cleaned_data.plan(cleaned, reference.read(tmp_path / "examples"), "rules")
    assert plan.examples == before.examples
    version = cleaned_data.commit(cleaned, plan, became(plan))
    assert (list(version.entries), cleaned_data.total(version)["examples"]) == (["B"], 1)


def test_what_was_cleaned_does_not_stand_with_a_repository_that_was_forgotten_since(
    tmp_path: Path,
) -> None:
    cleaned, plan = planned(tmp_path, "A", "B")
    given = reference.read(tmp_path / "examples")
    done = cleaned_data.commit(cleaned, plan, became(plan))
    assert cleaned_data.standing(cleaned, given, "rules") == done
    forgetting(tmp_path, "A")
    assert cleaned_data.standing(cleaned, given, "rules") is None
    again = cleaned_data.plan(cleaned, given, "rules")
    assert not again.new
    without = cleaned_data.commit(cleaned, again, {})
    assert list(without.entries) == ["B"]
    assert cleaned_data.standing(cleaned, given, "rules") == without


def test_whose_name_came_onto_the_list_or_off_it_is_cleaned_anew_and_nobody_else(
    tmp_path: Path,
) -> None:
    def night(name: str) -> tuple[list[str], list[str]]:
        examples.commit({"A": partial(called, name)}, run="renamed")
        given = Referred(examples, examples.newest())
        plan = cleaned_data.plan(cleaned, given, "rules", ["acme/new"])
        cleaned_data.commit(cleaned, plan, became(plan))
        return sorted(plan.opted_out), [part.key for part in plan.new]

    cleaned, _ = planned(tmp_path, "A", "B")
    examples = Dataset(open_store(str(tmp_path / "examples")))
    assert night("acme/old") == ([], ["A", "B"])
    assert night("acme/other") == ([], [])
    assert night("Acme/New") == (["A"], ["A"])
    assert night("acme/NEW") == (["A"], [])
    assert night("acme/old") == ([], ["A"])


def called(name: str, entry: Entry | None) -> Entry | None:
    return replace(entry, state={**entry.state, "name": name}) if entry else None


def test_what_another_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    cleaned, plan = planned(tmp_path, "A")
    cleaned.commit({"A": lambda _: Entry("A", {}, {"name": "other"})}, run="another")
    with pytest.raises(ServiceError, match="was changed while"):
        cleaned_data.commit(cleaned, plan, became(plan))
