from pathlib import Path

import command_line
import pytest
from data_sets import add

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage.local import LocalFolder
from codekiln_pipelines import programs


def test_the_words_after_data_are_done(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    add(Dataset(LocalFolder(tmp_path)), "router", 1, 2)
    assert command_line.run(programs.add, ["data", "show", str(tmp_path), "--version", "1"]) == 0
    assert "2  pulls" in capfd.readouterr().out


def test_its_help_is_that_of_its_actions(capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(programs.add, ["data", "--help"]) == 0
    assert "restore" in capfd.readouterr().out


def test_its_exit_code_is_passed_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(programs.add, ["data", "list", str(tmp_path / "none")]) == 2
    assert capfd.readouterr().err.count("\n") == 1
