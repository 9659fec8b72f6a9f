import os
import shutil
from pathlib import Path

import pytest
from histories import history, line

from codekiln.core import memory
from codekiln.core.errors import InputError
from codekiln.core.git import command
from codekiln.core.git.command import Git


def test_variables_of_the_caller_do_not_reach_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    told = command.environment({"GIT_DIR": str(tmp_path)})
    assert told["GIT_DIR"] == str(tmp_path)
    assert "GIT_EXTERNAL_DIFF" not in told
    assert told["GIT_NO_REPLACE_OBJECTS"] == "1"


def test_a_failure_is_told_in_gits_own_words_on_one_line(tmp_path: Path) -> None:
    history(tmp_path)
    with pytest.raises(InputError, match=r"^git rev-list failed: [^\n]+$"):
        Git(variables={"GIT_DIR": str(tmp_path)}).text("rev-list", "nothing")


def test_what_a_remote_says_cannot_write_over_what_a_terminal_shows() -> None:
    said = b"remote: a\nfatal: \x1b[2Jgone\r: ok\x07\n"
    assert command.last_words(said) == "[2Jgone: ok"


def test_without_git_the_user_is_told_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="install git"):
        Git().text("version")


def test_an_old_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.11.0\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(InputError, match=r"2\.11\.0 is too old: install git 2\.31"):
        command.version(Git())


def test_leaving_a_stream_early_ends_git(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 50)
    git = Git(variables={"GIT_DIR": str(made.path)})
    with git.stream("rev-list", "--stdin", "--objects", given=["main"] * 1000) as process:
        assert process.stdout is not None
        process.stdout.read(10)
    assert process.returncode is not None


@pytest.mark.parametrize("script", ["exit 1", "echo wrong library >&2; shift; exec $@"])
def test_a_stdbuf_that_is_missing_or_does_not_work_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    made = line(tmp_path / "source.git", 2)
    monkeypatch.setattr(command, "in_large_writes", command.in_large_writes.__wrapped__)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "stdbuf").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "stdbuf").chmod(0o755)
    assert command.in_large_writes() == ()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with Git(variables={"GIT_DIR": str(made.path)}).stream(
        "rev-list", "--stdin", given=["main"]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(1000).count(b"\n") == 2


def test_a_system_that_grants_no_large_pipes_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = line(tmp_path / "source.git", 2)
    monkeypatch.setattr(command, "PIPE_BYTES", (1 << 31) + 1)  # more than Linux gives anybody
    git = Git(variables={"GIT_DIR": str(made.path)})
    with git.stream("rev-list", "--stdin", given=["main"]) as process:
        assert process.stdout is not None
        assert process.stdout.read(1000).count(b"\n") == 2


@pytest.mark.parametrize(("there", "most"), [(1 << 30, 1 << 28), (1 << 40, command.DIFF_BYTES)])
def test_a_diff_may_have_no_more_than_a_quarter_of_the_memory_that_there_is(
    monkeypatch: pytest.MonkeyPatch, there: int, most: int
) -> None:
    monkeypatch.setattr(memory, "usable", lambda: there)
    assert Git().diff_bytes == most
