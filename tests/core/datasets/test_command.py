import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from data_sets import adding, held, row

from codekiln.core.datasets import command, forgotten
from codekiln.core.datasets.dataset import Dataset, Entry, Shard
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.storage.objects import open_store

Say = Callable[..., str]


def lines_of_ledger(numbers: range) -> list[dict[str, Any]]:
    return [
        {"number": n, "outcome": "filtered" if n % 3 == 0 else "collected", "reason": "bot"}
        if n % 3 == 0
        else {"number": n, "outcome": "collected", "reason": ""}
        for n in numbers
    ]


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """Make a data set of two versions; return where it is."""
    dataset = Dataset(open_store(str(tmp_path / "data")))
    first = {
        key: adding(dataset, key, map(row, (1, 2)), lines_of_ledger(range(1, 4)))
        for key in ("router", "mux", "gin")
    }
    dataset.commit(first, run="collect-1", note="the beginning", name="first")
    more = adding(dataset, "mux", [row(2, "another"), row(14)], lines_of_ledger(range(4, 5)))
    dataset.commit({"mux": more, "gin": lambda _: None}, run="collect-2")
    return dataset.uri


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], uri: str) -> Say:
    """Do an action and return what it says."""

    def said(action: str, *words: str) -> str:
        command.main([action, uri, *words])
        return capsys.readouterr().out

    return said


@pytest.fixture
def told(say: Say) -> Callable[..., Any]:
    """Do an action and return its document."""
    return lambda *words: json.loads(say(*words, "--json"))


def test_list_tells_versions_and_names(say: Say, told: Callable[..., Any]) -> None:
    head, newest, first = say("list").splitlines()
    assert head.split() == ["VERSION", "NAME", "CREATED", "(UTC)", "ENTRIES", "RUN", "NOTE"]
    assert newest.split()[0] == "2"
    assert first.split()[:2] == ["1", "first"]
    assert first.endswith("3  collect-1  the beginning")
    versions = told("list")["versions"]
    assert [(one["version"], one["names"], one["entries"]) for one in versions] == [
        (2, [], 2),
        (1, ["first"], 3),
    ]


def test_list_leaves_out_old_versions_without_a_name(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SHOWN", 1)
    say("restore", "1")
    found = say("list").splitlines()
    assert [line.split()[0] for line in found] == ["VERSION", "3", "1", "1"]
    assert found[-1] == "1 older versions are not shown; --all shows them"
    assert len(say("list", "--all").splitlines()) == 4


def test_show_counts_by_repository_and_outcome(say: Say, told: Callable[..., Any]) -> None:
    found = say("show", "--version", "first")
    assert found.startswith("version 1 (first), made ")
    assert "6  pulls" in found
    assert "6  collected\n3  filtered: bot" in found
    row_of_gin = next(line for line in found.splitlines() if line.startswith("acme/gin"))
    assert row_of_gin.split()[1:5] == ["3", "2", "2", "1"]
    document = told("show")
    assert document["rows"] == {"ledger": 7, "pulls": 5}
    assert document["outcomes"] == {"collected": 5, "filtered: bot": 2}
    assert [one["name"] for one in document["repositories"]] == ["acme/mux", "acme/router"]


def test_show_of_one_repository(told: Callable[..., Any]) -> None:
    document = told("show", "--repository", "ACME/mux")
    assert [one["rows"] for one in document["repositories"]] == [{"ledger": 4, "pulls": 3}]


def test_diff_tells_repositories_and_pull_requests(say: Say, told: Callable[..., Any]) -> None:
    assert say("diff", "first", "newest").splitlines() == [
        "from version 1 to version 2",
        "entries: 1 changed, 1 removed",
        "ledger: 1 added, 3 removed",
        "pulls: 1 added, 1 changed, 2 removed",
        "",
        "acme/gin (removed)",
        "  ledger: 3 removed: #1 #2 #3",
        "  pulls: 2 removed: #1 #2",
        "acme/mux (changed)",
        "  ledger: 1 added: #4",
        "  pulls: 1 added: #14",
        "  pulls: 1 changed: #2",
    ]
    document = told("diff", "2", "1")
    assert document["entries"] == {"added": 1, "changed": 1}
    mux = next(one for one in document["repositories"] if one["name"] == "acme/mux")
    assert mux["tables"]["pulls"] == {"added": [], "changed": [2], "removed": [14]}


def test_diff_of_equal_versions(say: Say) -> None:
    say("restore", "first")
    assert say("diff", "1", "3").splitlines()[1:] == ["they hold the same"]


def test_restore_tells_what_it_did(say: Say, uri: str) -> None:
    said = say("restore", "first", "--name", "back")
    assert said == "version 3 now holds what first does: 3 entries; version 2 is kept\n"
    assert held(Dataset(open_store(uri)), "gin", "back") == [1, 2]
    assert say("restore", "first") == "version 3 holds what first does already\n"


def test_restore_tells_that_what_was_forgotten_since_stays_out(say: Say, uri: str) -> None:
    mark = Forgotten(key="gin", name="acme/gin", when="2026-11-21T00:00:00+00:00")
    Dataset(open_store(uri)).commit({}, run="test", state=forgotten.kept_out(mark))
    said = say("restore", "first")
    assert said.startswith(
        "version 4 now holds what first does, but for what was forgotten since (1): 2 entries"
    )
    assert held(Dataset(open_store(uri)), "gin") == []


def test_names_are_given_and_taken(say: Say, told: Callable[..., Any]) -> None:
    assert say("name", "newest", "mine") == "version 2 is called mine\n"
    assert told("unname", "mine") == {"version": 2, "name": "mine"}


def test_prune_tells_what_it_removed(say: Say, told: Callable[..., Any]) -> None:
    say("unname", "first")
    said = say("prune", "--keep", "1", "--grace-hours", "0")
    assert said.startswith("removed versions: 1, entries: 2, shards: 0 (")
    assert told("prune", "--keep", "1")["versions"] == 0


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_export_writes_a_file_for_each_table(say: Say, tmp_path: Path) -> None:
    assert say("export", "--version", "first", "--output", str(tmp_path / "out")) == ""
    rows = read(tmp_path / "out/pulls.jsonl")
    assert [(one["repository"], one["number"]) for one in rows] == [
        (f"acme/{name}", number) for name in ("gin", "mux", "router") for number in (1, 2)
    ]
    assert len((tmp_path / "out/ledger.jsonl").read_text().splitlines()) == 9
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "ledger.jsonl", "pulls.jsonl",
    ]  # fmt: skip


def test_export_of_one_table_of_one_repository(say: Say, tmp_path: Path) -> None:
    words = ("--table", "pulls", "--repository", "acme/mux", "--output", str(tmp_path / "a.jsonl"))
    say("export", *words)
    assert [one["number"] for one in read(tmp_path / "a.jsonl")] == [1, 2, 14]


def test_export_writes_over_a_file_only_if_told_so(
    say: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine")
    words = ("--table", "pulls", "--output", str(path))
    with pytest.raises(SystemExit):
        say("export", *words)
    assert f"{path} is there already: give another --output" in capsys.readouterr().err
    assert path.read_text() == "mine"
    say("export", *words, "--overwrite")
    assert len(read(path)) == 5


def test_a_table_that_others_named_like_a_path_leaves_no_folder(
    say: Say, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Entry("R_9", {"../escaped": _shards(uri)}, {"name": "acme/x"})
    Dataset(open_store(uri)).commit({"R_9": lambda _: made}, run="theirs")
    with pytest.raises(SystemExit):
        say("export", "--output", str(tmp_path / "out"))
    assert "'../escaped' is no name of a file" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.jsonl"))


def _shards(uri: str) -> Sequence[Shard]:
    dataset = Dataset(open_store(uri))
    (found, *_) = dataset.entries(dataset.newest())
    return found.tables["pulls"]


def test_what_others_wrote_does_not_reach_the_terminal_raw(say: Say, uri: str) -> None:
    bad = "\x1b[2Jacme/x"
    made = Entry("R_9", {}, {"name": bad})
    Dataset(open_store(uri)).commit({"R_9": lambda _: made}, run=bad, note=f"{bad}\n")
    for words in (["list"], ["show"], ["diff", "1", "newest"]):
        said = say(*words)
        assert "\x1b" not in said
        assert "\\x1b[2Jacme/x" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export"], "choose a --table of ledger, pulls, or give --output a folder"),
        (["export", "--table", "issues"], "version 2 has no table issues: ledger, pulls"),
        (["show", "--repository", "acme/none"], "holds no acme/none"),
        (["show", "--version", "9"], "has no version 9"),
        (["prune", "--keep", "0"], "keep is 0"),
        (["prune", "--grace-hours", "nan"], "grace-hours is nan; give hours from 0 to 876,000"),
        (["prune", "--grace-hours", "1e20"], "grace-hours is 1e+20"),
        (["prune", "--grace-hours=-5"], "grace-hours is -5"),
        (["show", "--frob"], "unrecognized arguments: --frob"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    uri: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main([words[0], uri, *words[1:]])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert (error.count("\n"), error[:10]) == (1, "codekiln: ")


def test_a_reader_that_has_seen_enough_is_no_failure(uri: str) -> None:
    program = [sys.executable, "-m", "codekiln.core.datasets"]
    running = subprocess.Popen(
        [*program, "export", uri, "--table", "pulls"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout
    assert running.stderr
    running.stdout.close()
    assert (running.stderr.read(), running.wait()) == (b"", 0)
    running.stderr.close()
