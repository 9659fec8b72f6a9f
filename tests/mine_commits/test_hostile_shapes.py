"""Histories and repositories that break miners: every commit is delivered."""

import subprocess
from pathlib import Path

import pytest
from histories import (
    History,
    by_subject,
    environment,
    every_commit,
    git,
    history,
    line,
    mined,
    text,
)

from codekiln.core.errors import InputError

HASH = "1234567890abcdef1234567890abcdef12345678"


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "source.git")


def test_an_octopus_merge_has_all_its_parents_and_the_diff_with_the_first(made: History) -> None:
    root = made.commit({"r": "r\n"}, "root")
    arms = [made.commit({name: f"{name}\n"}, f"arm {name}", [root]) for name in "abc"]
    merge = made.commit({"b": "b\n", "c": "c\n"}, "octopus", arms)
    made.ref("refs/heads/main", merge)
    record = by_subject(every_commit(made))["octopus"]
    assert record.parents == record.merge_parents == arms
    assert record.merge_base == root
    assert {change.path for change in record.diff_stats} == {"b", "c"}
    assert not record.resolved_conflicts


def test_an_evil_merge_is_seen_and_a_clean_one_is_not(made: History) -> None:
    root = made.commit({"a": "1\n2\n3\n4\n5\n6\n7\n8\n9\n"}, "root")
    ours = made.commit({"a": "one\n2\n3\n4\n5\n6\n7\n8\n9\n"}, "ours", [root])
    theirs = made.commit({"a": "1\n2\n3\n4\n5\n6\n7\n8\nnine\n"}, "theirs", [root])
    joined = "one\n2\n3\n4\n5\n6\n7\n8\nnine\n"
    made.ref("refs/heads/clean", made.commit({"a": joined}, "clean", [ours, theirs]))
    evil = joined.replace("5", "evil")
    made.ref("refs/heads/evil", made.commit({"a": evil}, "evil", [ours, theirs]))
    records = by_subject(every_commit(made))
    assert not records["clean"].resolved_conflicts
    assert records["evil"].resolved_conflicts


def test_two_roots_are_both_diffed_against_nothing(made: History) -> None:
    roots = [made.commit({name: "x\n"}, f"root {name}") for name in "ab"]
    merge = made.commit({"b": "x\n"}, "join", roots)
    made.ref("refs/heads/main", merge)
    records = by_subject(every_commit(made))
    assert records["root a"].is_root
    assert [records[f"root {n}"].insertions for n in "ab"] == [1, 1]
    assert records["join"].merge_base is None


def test_replace_refs_and_grafts_change_nothing(made: History) -> None:
    first = made.commit({"a": "1\n"}, "one")
    second = made.commit({"a": "1\n2\n"}, "two", [first])
    third = made.commit({"a": "1\n2\n3\n"}, "three", [second])
    made.ref("refs/heads/main", third)
    fake = made.commit({"a": "fake\n"}, "fake")
    made.ref(f"refs/replace/{second}", fake)
    (made.path / "info").mkdir(exist_ok=True)
    (made.path / "info" / "grafts").write_text(f"{third}\n")
    records = by_subject(mined(made.path, made.path.parent / "out"))
    assert set(records) == {"one", "two", "three", "fake"}
    assert records["three"].parents == [second]
    assert records["three"].insertions == 1


def test_a_commit_whose_blob_is_missing_is_delivered_without_diff_and_the_others_with(
    made: History,
) -> None:
    tip: list[str] = []
    for number in range(8):
        tip = [made.commit({"a": f"{number}\n", f"b{number}": "b\n"}, f"c{number}", tip)]
    made.ref("refs/heads/main", tip[0])
    for lost in ("3\n", "4\n", "7\n"):
        made.remove(made.blob(lost))
    records = by_subject(every_commit(made))
    unreadable = {s for s, record in records.items() if record.diff_status == "unreadable"}
    # The loss of version 4 is felt by the commit that makes it and the one that replaces it.
    assert unreadable == {"c3", "c4", "c5", "c7"}
    assert records["c6"].insertions == 2
    assert records["c4"].full_message == "c4"


def test_a_commit_whose_tree_is_missing_is_delivered_without_diff(made: History) -> None:
    first = made.commit({"a": "1\n"}, "one")
    second = made.commit({"a": "2\n"}, "two", [first])
    third = made.commit({"a": "3\n"}, "three", [second])
    made.ref("refs/heads/main", third)
    made.remove(text(made.path, "rev-parse", f"{second}^{{tree}}"))
    records = by_subject(every_commit(made))
    assert records["one"].diff_status == "whole"
    assert records["two"].diff_status == records["three"].diff_status == "unreadable"


def test_a_missing_commit_makes_its_child_a_boundary(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 5)
    shas = text(made.path, "rev-list", "main").split()
    made.remove(shas[2])
    records = mined(made.path, tmp_path / "out")
    assert [record.hash for record in records] == [shas[1], shas[0]]
    assert [record.diff_status for record in records] == ["boundary", "whole"]
    assert records[0].parents == [shas[2]]


def test_the_boundary_of_a_shallow_clone_is_not_taken_for_a_root(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 5)
    run = ["git", "clone", "--quiet", "--bare", "--depth=2", f"file://{made.path}"]
    subprocess.run([*run, str(tmp_path / "shallow")], env=environment(), check=True)
    records = mined(tmp_path / "shallow", tmp_path / "out")
    assert [record.subject for record in records] == ["commit 3", "commit 4"]
    assert [record.diff_status for record in records] == ["boundary", "whole"]
    assert records[0].files_changed == 0
    assert not records[0].is_root


def test_a_ref_that_leads_nowhere_does_not_stop_the_others(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 2)
    (made.path / "refs" / "heads" / "broken").write_text(f"{HASH}\n")
    made.ref("refs/tags/a-blob", made.blob("x"))
    assert len(mined(made.path, tmp_path / "out")) == 2


@pytest.mark.parametrize("kind", ["missing", "file", "plain folder", "empty repository"])
def test_what_has_no_commits_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "source"
    if kind == "file":
        source.write_text("x")
    elif kind == "plain folder":
        source.mkdir()
    elif kind == "empty repository":
        history(source)
    with pytest.raises(InputError) as refusal:
        mined(source, tmp_path / "out")
    assert "\n" not in str(refusal.value)


def test_settings_attributes_and_hooks_of_the_source_never_run(tmp_path: Path) -> None:
    source, trap = tmp_path / "source", tmp_path / "sprung"
    source.mkdir()
    git(source, "init", "--quiet", "--initial-branch=main")
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho $0 >> {trap}\ncat $1 2>/dev/null\n")
    script.chmod(0o755)
    (source / "a.txt").write_text("one\n")
    (source / ".gitattributes").write_text("*.txt diff=trap -text\n*.bin diff\n")
    git(source, "add", "-A")
    name = ("-c", "user.name=n", "-c", "user.email=e")
    git(source, *name, "commit", "--quiet", "-m", "one")
    (source / "a.txt").write_text("one\ntwo\n")
    git(source, *name, "commit", "--quiet", "-a", "-m", "two")
    for key in ("core.fsmonitor", "diff.external", "diff.trap.textconv", "diff.trap.command",
                "core.sshCommand", "core.pager", "core.alternateRefsCommand"):  # fmt: skip
        git(source, "config", key, str(script))
    git(source, "config", "diff.noprefix", "true")
    git(source, "config", "log.showSignature", "true")
    git(source, "config", "diff.renames", "copies")
    git(source, "config", "core.quotePath", "false")
    (source / ".git" / "info" / "attributes").write_text("*.txt binary\n")
    hooks = source / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / hook).symlink_to(script)
    records = by_subject(mined(source, tmp_path / "out"))
    assert records["two"].diff_stats[0].diff_text == "@@ -1 +1,2 @@\n one\n+two\n"
    assert not trap.exists()


def test_a_detached_head_is_a_ref(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 2)
    lonely = made.commit({"b": "b\n"}, "lonely", [text(made.path, "rev-parse", "main")])
    (made.path / "HEAD").write_text(lonely + "\n")
    assert "lonely" in by_subject(mined(made.path, tmp_path / "out"))
