"""Nights of cleaning: only what is new, and the same wherever a run was killed."""

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from signal import SIGKILL
from typing import Any

import example_folders
import pytest
from example_folders import function
from killing import in_child

from codekiln.clean_corpus import rules
from codekiln.clean_corpus.__main__ import clean_corpus
from codekiln.clean_corpus.settings import Settings
from codekiln.core import manifest
from codekiln.core.corpus import example_source, examples, layout
from codekiln.core.corpus.examples import REJECTS, Example
from codekiln.core.datasets import naming, reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.traces import Traces
from codekiln.core.errors import InputError
from codekiln.core.manifest import Manifest
from codekiln.core.outputs import Executor
from codekiln.core.program import perform
from codekiln.core.storage.objects import open_store

Shards = Sequence[Sequence[Example]]


def one(repository: str, number: int, code: str = "", **told: Any) -> Example:
    """Make an example of a repository; without `code` it is like no other number's."""
    known = {"id": f"{repository}-{number}", "repository": f"acme/{repository.lower()}"}
    return example_folders.example(number, code, **{**known, "repository_id": repository, **told})


def cleaned(folder: Path, corpus: str, shards: Shards, **told: object) -> Manifest:
    """Make `shards` all of the examples, and clean what is new; return the manifest."""
    given = example_folders.gathered(folder / "examples", corpus, shards)
    made = run(folder, given, corpus=corpus, **told)
    assert_adds_up(made.counts, sum(map(len, shards)))
    return made


def run(folder: Path, given: Path, **told: object) -> Manifest:
    """Clean what `given` names; return the manifest."""
    places = {"examples": given, "cleaned": folder / "cleaned", "rejects": folder / "rejects"}
    perform(clean_corpus, Settings.model_validate({**places, **told}), Executor())
    return manifest.read(folder / "cleaned")


def assert_adds_up(counts: dict[str, int], every: int) -> None:
    for prefix in ("", "total_"):
        dropped = sum(n for name, n in counts.items() if name.startswith(f"{prefix}dropped_"))
        assert counts[f"{prefix}examples"] == counts[f"{prefix}kept"] + dropped
    assert counts["total_examples"] == every


def staying(folder: Path) -> list[str]:
    """Return the ids of all that a version of the cleaned data holds."""
    return sorted(one.id for one in example_source.read(folder / "cleaned"))


def entries(corpus: str) -> dict[str, str]:
    """Return the digest of each entry of the cleaned data."""
    return dict(Dataset(open_store(f"{corpus}/cleaned")).newest().entries)


A = [one("A", 1), one("A", 2), one("A", 3, path="vendor/a.go")]
A_LATER = [*A, one("A", 9), one("A", 10, function(21))]
B = [one("B", 4), one("B", 5, function(1)), one("B", 6)]
C = [one("C", 7, function(2)), one("C", 8, function(21))]


def test_nights_leave_what_one_run_leaves_and_each_reads_only_what_is_new(
    tmp_path: Path, corpus: str
) -> None:
    first = cleaned(tmp_path, corpus, [A])
    assert first.counts == {
        "examples": 3, "kept": 2, "dropped_vendored": 1,
        "total_examples": 3, "total_kept": 2, "total_dropped_vendored": 1, "total_repositories": 1,
    }  # fmt: skip
    cleaned(tmp_path, corpus, [A, B])
    last = cleaned(tmp_path, corpus, [A, B, C])
    assert last.counts["examples"] == 2
    assert last.counts["dropped_exact_duplicate"] == 1
    assert staying(tmp_path) == ["A-1", "A-2", "B-4", "B-6", "C-8"]
    whole = f"{corpus}/whole"
    assert cleaned(tmp_path / "whole", whole, [A, B, C]).counts["examples"] == 8
    assert entries(whole) == entries(corpus)
    assert reference.read(tmp_path / "cleaned").version.digest == last.inputs["written"]


def test_nothing_new_is_told_at_once_and_makes_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "made.jsonl").write_text('{"id": 1, "question": "Who?"}')
    told = {"benchmarks": str(tmp_path / "benchmarks")}
    first = cleaned(tmp_path, str(tmp_path), [A, B], **told)
    monkeypatch.delattr(rules, "Detector")
    again = cleaned(tmp_path, str(tmp_path), [A, B], **told)
    assert again.inputs == first.inputs
    assert again.counts["examples"] == 0
    assert again.counts["total_kept"] == first.counts["kept"]


def test_a_shard_that_was_replaced_is_decided_anew(tmp_path: Path) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A, B])
    told = cleaned(tmp_path, corpus, [A_LATER[1:], B])
    assert told.counts["kept"] == 3
    assert staying(tmp_path) == ["A-10", "A-2", "A-9", "B-4", "B-6"]


def test_a_repository_that_is_gone_is_met_no_more(tmp_path: Path) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A, B])
    told = cleaned(tmp_path, corpus, [B, C])
    assert staying(tmp_path) == ["B-4", "B-6", "C-7", "C-8"]
    assert told.counts["total_repositories"] == 2


def test_names_that_opted_out_and_are_nobodys_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for told in ("acme/a", "a c"):
        caplog.clear()
        cleaned(tmp_path, str(tmp_path), [A, B], opt_out=told)
        said = [one.message for one in caplog.records if one.message.startswith("opt_out has")]
        wanted = ["opt_out has names that no repository of the data has now: c"]
        assert said == (wanted if "c" in told.split() else [])


def test_rules_by_which_nothing_stays_are_refused_each_time(tmp_path: Path) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A])
    for _ in range(2):
        with pytest.raises(InputError, match="none of 3 examples stays: 3 license not allowed;"):
            cleaned(tmp_path, corpus, [A], licenses="GPL-3.0")
        assert not (tmp_path / "cleaned" / manifest.NAME).exists()
    assert cleaned(tmp_path, corpus, [A]).counts["kept"] == 2


def test_new_rules_clean_everything_into_a_new_index(tmp_path: Path) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A, B])
    told = cleaned(tmp_path, corpus, [A, B], opt_out="acme/a")
    assert told.counts["examples"] == 6
    assert staying(tmp_path) == ["B-4", "B-5", "B-6"]
    assert len([*(tmp_path / "near").iterdir()]) == 1
    assert cleaned(tmp_path, corpus, [A, B]).counts["kept"] == 4
    assert staying(tmp_path) == ["A-1", "A-2", "B-4", "B-6"]


def test_an_index_that_is_lost_is_made_again(tmp_path: Path) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A, B])
    shutil.rmtree(tmp_path / "near")
    cleaned(tmp_path, corpus, [A, B, C])
    assert staying(tmp_path) == ["A-1", "A-2", "B-4", "B-6", "C-8"]


class KilledError(Exception):
    """The process ended here."""


@contextlib.contextmanager
def killed_after(writes: int) -> Iterator[None]:
    """Let the process end after so many writes into data sets."""
    left = iter(range(writes))

    def dying(name: str) -> Callable[..., Any]:
        does = getattr(Dataset, name)

        def write(self: Dataset, *told: Any, **named: Any) -> Any:
            if next(left, None) is None:
                raise KilledError
            return does(self, *told, **named)

        return write

    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KilledError):
        for name in ("put", "commit"):
            patch.setattr(Dataset, name, dying(name))
        yield


WRITES = (1, 3, 5, 6, 99)
"""One shard of what stayed; both, and one of the index; its commit; that of the data; and all."""


def versions(folder: Path) -> int:
    """Return how many commits the data sets in `folder` have seen."""
    return max(int(path.stem) for path in folder.rglob("v/*.json"))


def test_a_run_killed_anywhere_and_run_again_leaves_what_one_that_was_not_does(
    tmp_path: Path,
) -> None:
    start, going, corpus = (tmp_path / name for name in ("start", "going", "corpus"))
    cleaned(tmp_path, str(start), [A, B])
    ends: list[list[dict[str, str]]] = []
    reached: list[tuple[int, int]] = []
    for writes in WRITES:
        shutil.copytree(start, going)
        given = example_folders.gathered(tmp_path / "examples", str(going), [A_LATER, B, C])
        with killed_after(writes):
            run(tmp_path, given, corpus=str(going))
        reached.append((versions(going / "near"), versions(going / "cleaned")))
        ends.append([])
        for later in ([A_LATER, B, C], [A_LATER, C]):
            shutil.copytree(going, corpus)
            cleaned(tmp_path, str(corpus), later)
            ends[-1].append(entries(str(corpus)))
            shutil.rmtree(corpus)
        shutil.rmtree(going)
    assert reached[:4] == [(1, 1), (1, 1), (2, 1), (2, 2)], "before, between and after the commits"
    assert ends == [ends[-1]] * len(ends)
    assert ends[-1][0] != ends[-1][1]


def rejected(folder: Path) -> list[tuple[str, str]]:
    """Return the ids of the examples that are told to be dropped, with the reasons."""
    rows = examples.rows_of(examples.shard(folder / "rejects", 0, REJECTS))
    return [(row["id"], row["reason"]) for row in rows]


def dying(*_: object) -> None:
    raise KilledError


def test_killed_after_its_last_commit_a_night_tells_all_that_it_dropped_when_it_is_run_again(
    tmp_path: Path, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned(tmp_path, corpus, [A])
    assert rejected(tmp_path) == [("A-3", "vendored")]
    with monkeypatch.context() as patch:
        # The first thing after the last commit.
        patch.setattr(naming, "give", dying)
        with pytest.raises(KilledError):
            cleaned(tmp_path, corpus, [A, B, C])
    shutil.rmtree(tmp_path / "rejects")
    told = cleaned(tmp_path, corpus, [A, B, C])
    assert told.counts["examples"] == 0
    assert rejected(tmp_path) == [("B-5", "exact duplicate"), ("C-7", "exact duplicate")]


def test_what_a_killed_night_left_of_its_work_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, corpus = tmp_path / "place", str(tmp_path / "corpus")
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))

    def killed() -> None:
        monkeypatch.setattr(Dataset, "commit", lambda *_, **__: os.kill(os.getpid(), SIGKILL))
        run(tmp_path, given, corpus=corpus)

    given = example_folders.gathered(tmp_path / "examples", corpus, [A])
    assert os.WTERMSIG(in_child(killed)) == SIGKILL
    assert [len(list(place.glob(f"codekiln-{one}-*"))) for one in ("clean", "near")] == [1, 1]
    run(tmp_path, given, corpus=corpus)
    assert not list(place.iterdir())


def test_rejects_that_a_night_keeps_are_those_of_the_newest_and_are_forgotten_with_the_rest(
    tmp_path: Path,
) -> None:
    corpus = str(tmp_path)
    cleaned(tmp_path, corpus, [A])
    cleaned(tmp_path, corpus, [A, [*B, one("B", 11, path="vendor/b.go")]])
    [place] = (tmp_path / layout.NEAR).iterdir()
    index = Dataset(open_store(str(place)))
    kept = [layout.REJECTS in entry.tables for entry in index.entries(index.newest())]
    assert sorted(kept) == [False, True]
    traces = Traces(index, "B", layout.SIGNATURES)
    assert traces.held(index.newest()).rows == {"signatures": 2, "rejects": 2}
    traces.commit("forget", None)
    cleaned(tmp_path, corpus, [A, [*B, one("B", 11, path="vendor/b.go")]])
    assert rejected(tmp_path) == []


def test_corpus_needs_a_version_of_a_data_set_and_no_index(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave one of them out"):
        cleaned(tmp_path, str(tmp_path), [A], index=str(tmp_path / "index"))
    with pytest.raises(InputError, match="names no version"):
        run(tmp_path, example_folders.built(tmp_path / "files", A), corpus=str(tmp_path))


@pytest.mark.parametrize("in_folder", [False, True])
def test_who_opted_out_by_the_name_of_today_is_left_out_under_older_names_too(
    tmp_path: Path, in_folder: bool
) -> None:
    corpus = str(tmp_path / "corpus")
    renamed = [dataclasses.replace(one("A", n), repository="old/a") for n in (1, 2)]
    given = example_folders.gathered(tmp_path / "examples", corpus, [renamed, B])
    told = {} if in_folder else {"corpus": corpus}
    for name, left in (("old/b", 2), ("acme/a", 0), ("old", 0)):
        made = run(tmp_path, given, opt_out=name, **told)
        assert made.counts.get("dropped_opted_out", 0) == 2 - left
        assert len([one for one in staying(tmp_path) if one.startswith("A-")]) == left
