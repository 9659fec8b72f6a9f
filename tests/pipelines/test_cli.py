"""The commands that are answered by the program itself."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import builders
import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines import cli
from codekiln_pipelines.local import runs


def made(base: Path, second: int) -> runs.Run:
    """Make an empty run of history."""
    return runs.create(base, "history", {}, datetime(2026, 1, 2, 3, 4, second, tzinfo=UTC))


def test_the_newest_run_that_embedded_its_commits_is_searched(tmp_path: Path) -> None:
    whole, failed = made(tmp_path, 1), made(tmp_path, 2)
    cli.embeddings_of(whole).mkdir(parents=True)
    builders.finish(cli.embeddings_of(whole), "embed_commits", {})
    cli.embeddings_of(failed).mkdir(parents=True)
    assert cli.newest_embeddings(tmp_path) == cli.embeddings_of(whole).resolve()


def test_where_nothing_was_embedded_the_search_says_how_to_begin(tmp_path: Path) -> None:
    made(tmp_path, 1)
    with pytest.raises(InputError, match="embedded its commits: `codekiln run history` makes one"):
        cli.newest_embeddings(tmp_path)


def test_an_error_stays_one_line_whatever_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["search", "x", "--run", "a\nb\x1b[2J"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "\x1b" not in told


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    doctor = ["doctor", "--only", "machine", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "codekiln_pipelines.cli", *doctor],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        told = program.stderr.read()
    assert (program.returncode, told) == (cli.UNHEARD, b"")
