"""Forgetting a repository: out of the newest versions, kept out, and, if asked, erased."""

import shutil
from pathlib import Path

import pytest
from forgetting import (
    NEEDLE,
    THREAD,
    Forget,
    World,
    commit,
    entries_of,
    holding,
    newest_texts,
    objects,
)

from codekiln.core.datasets import forgotten, held
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.datasets.traces import Traces
from codekiln.core.storage.local import LocalFolder


def test_the_newest_versions_are_without_a_byte_of_it(world: World, forget: Forget) -> None:
    before = [(dataset.newest().number, dict_of(dataset)) for dataset in world.datasets]
    told = forget("acme/router")
    assert [one["rows"] for one in told["data_sets"]] == [
        {"pulls": 3, "repositories": 1}, {"examples": 2}, {"examples": 2}, {"signatures": 2},
    ]  # fmt: skip
    for dataset, (number, entries) in zip(world.datasets, before, strict=True):
        text = newest_texts(dataset)
        assert NEEDLE not in text
        assert "R_router" not in text
        # One commit, and of the other repository everything is what it was.
        assert dataset.newest().number == number + 1
        assert {k: v for k, v in dict_of(dataset).items() if k == "R_mux"} == {
            k: v for k, v in entries.items() if k == "R_mux"
        }
    assert THREAD in newest_texts(world.dataset("data"))
    keeping = [forgotten.keys(one.newest().state) for one in world.datasets]
    assert keeping == [{"R_router"}, {"R_router"}, {"R_router"}, set()]
    assert told["changed"]


def dict_of(dataset: Dataset) -> dict[str, object]:
    return {key: rest for key, *rest in entries_of(dataset)}


def test_erased_it_is_in_no_object_at_all_and_what_never_held_it_stays(
    world: World, forget: Forget
) -> None:
    store = world.store()
    assert len(holding(store, NEEDLE)) == 7
    of_others = set(holding(store, THREAD)) - set(holding(store, NEEDLE))
    told = forget("acme/router", "--erase")
    assert holding(store, NEEDLE) == []
    assert of_others <= set(holding(store, THREAD))
    data = world.dataset("data")
    assert [version.number for version in data.versions()] == [6, 5, 1]
    assert data.names() == {}
    assert [one["versions"] for one in told["erased"]] == [3, 1, 1, 1]
    assert {name.split("/")[2] for name in store.names("corpus/tokens/")} == {"one"}


def test_a_dry_run_shows_the_same_and_changes_nothing(world: World, forget: Forget) -> None:
    before = objects(world.store())
    shown = forget("acme/router", "--dry-run", "--erase")
    assert objects(world.store()) == before
    assert not list(Path(world.root).rglob("leases"))
    done = forget("acme/router")
    same = ("older_versions", "token_sets", "seen_by", "not_looked_at")
    assert [shown[name] for name in same] == [done[name] for name in same]
    assert [one["rows"] for one in shown["data_sets"]] == [one["rows"] for one in done["data_sets"]]


@pytest.mark.parametrize("erase", [[], ["--erase"]])
def test_a_second_run_has_nothing_to_do_and_says_so(
    world: World, forget: Forget, erase: list[str]
) -> None:
    first = forget("acme/router", *erase)
    before = objects(world.store())
    said = forget("acme/router", *erase, json_=False)
    assert objects(world.store()) == before
    assert "nothing to do: no newest version holds it, and none will" in said
    # What had seen it is told for ever, though the versions are gone by which one knows.
    assert forget("acme/router", *erase)["seen_by"] == [
        one for one in first["seen_by"] if "corpus/tokens" not in one["place"] or not erase
    ]


@pytest.mark.parametrize("place", [1, 3])
def test_killed_between_two_data_sets_it_is_finished_by_a_second_run(
    world: World, forget: Forget, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    commit_, done = Traces.commit, []

    def killed(self: Traces, *told: object) -> Version:
        done.append(told)
        if len(done) > place:
            raise KeyboardInterrupt
        return commit_(self, *told)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Traces, "commit", killed)
        with pytest.raises(SystemExit) as exit_:
            forget("acme/router")
    assert exit_.value.code == 130
    assert forgotten.keys(world.dataset("data").newest().state) == {"R_router"}
    forget("acme/router")
    assert not any("R_router" in newest_texts(dataset) for dataset in world.datasets)


@pytest.mark.parametrize("deletes", [1, 6, 11])
def test_killed_while_it_erases_it_is_finished_by_a_second_run(
    world: World, forget: Forget, monkeypatch: pytest.MonkeyPatch, deletes: int
) -> None:
    delete, left = LocalFolder.delete, [deletes]

    def killed(self: LocalFolder, name: str) -> None:
        if "lease" not in self.uri and "probe" not in name:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        delete(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFolder, "delete", killed)
        with pytest.raises(SystemExit):
            forget("acme/router", "--erase")
    forget("acme/router", "--erase")
    assert holding(world.store(), NEEDLE) == []
    assert {name.split("/")[2] for name in world.store().names("corpus/tokens/")} == {"one"}


def test_who_writes_beside_it_loses_nothing(
    world: World, forget: Forget, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = LocalFolder.write
    beside: list[str] = []

    def overtaken(self: LocalFolder, name: str, data: bytes, *, create: bool = False) -> None:
        if name == "v/00000005.json" and self.uri == world.data and not beside:
            beside.append(name)
            both = {
                "R_router": world.pulls("R_router", "acme/router", 99),
                "R_mux": world.pulls("R_mux", "acme/mux", 7),
            }
            commit(world.dataset("data"), **both)
        write(self, name, data, create=create)

    monkeypatch.setattr(LocalFolder, "write", overtaken)
    forget("acme/router")
    text = newest_texts(world.dataset("data"))
    assert f"{THREAD} 7" in text
    assert NEEDLE not in text
    # The version that came between holds it, and goes with the others.
    forget("acme/router", "--erase")
    assert holding(world.store(), NEEDLE) == []


@pytest.mark.usefixtures("impatient")
def test_a_cleaning_that_goes_on_is_not_written_under(
    world: World, forget: Forget, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        held.writer(world.dataset("cleaned").store, "clean-corpus"),
        pytest.raises(SystemExit) as exit_,
    ):
        forget("acme/router")
    assert exit_.value.code == 75
    said = capsys.readouterr().err
    assert "wait for it or stop it, then run this again" in said
    assert "so far it is taken out of: pull requests, examples, cleaned examples" in said
    assert forget("acme/router")["data_sets"][-1]["rows"] == {"signatures": 2}


def test_restored_an_older_version_is_without_it(world: World, forget: Forget) -> None:
    forget("acme/router")
    data = world.dataset("data")
    restored = data.restore("collect-1", run="people")
    assert "R_router" not in restored.entries
    assert NEEDLE not in newest_texts(data)


def test_allowed_again_it_may_be_collected(world: World, forget: Forget) -> None:
    forget("acme/router")
    shown = forget("acme/router", "--again", "--dry-run")
    told = forget("R_router", "--again")
    assert shown["allowed_in"] == told["allowed_in"] == [one.uri for one in world.datasets[:3]]
    commit(world.dataset("data"), R_router=world.pulls("R_router", "acme/router", 5))
    assert "R_router" in world.dataset("data").newest().entries
    with pytest.raises(SystemExit) as exit_:
        forget("acme/router", "--again")
    assert exit_.value.code == 2


def test_the_moment_of_the_decision_stands(world: World, forget: Forget) -> None:
    forget("acme/router")
    [mark] = forgotten.of(world.dataset("data").newest().state).values()
    commit(world.dataset("data"), R_mux=world.pulls("R_mux", "acme/mux", 8))
    forget("R_router")
    assert forgotten.of(world.dataset("data").newest().state) == {"R_router": mark}


def test_a_data_set_without_a_version_begins_with_one_that_keeps_it_out(
    world: World, forget: Forget
) -> None:
    shutil.rmtree(Path(world.corpus) / "cleaned")
    shown = forget("acme/router", "--dry-run")["data_sets"][2]
    assert (shown["version"], shown["rows"]) == (0, {})
    cleaned = world.dataset("cleaned")
    assert cleaned.head() is None
    forget("acme/router")
    head = cleaned.newest()
    assert (head.number, len(head.entries)) == (1, 0)
    assert forgotten.keys(head.state) == {"R_router"}
    commit(cleaned, R_router=Entry("R_router", {}, {}), R_mux=Entry("R_mux", {}, {}))
    assert list(cleaned.newest().entries) == ["R_mux"]
    forget("acme/router", "--again")
    assert forgotten.since(cleaned) == frozenset()
