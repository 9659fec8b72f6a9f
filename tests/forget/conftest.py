"""A world that holds the repository acme/router, made once and copied for each test."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from forgetting import Forget, World

from codekiln.core.storage import lease, probe
from codekiln.forget import command


@pytest.fixture(autouse=True)
def two_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two ask each new folder whether it creates objects once, not a dozen."""
    monkeypatch.setattr(probe, "WRITERS", 2)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forgetting")
    (folder / "scratch").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "ROUNDS", 1)
        World(str(folder / "world"), folder / "runs").make(folder / "scratch")
    return folder


@pytest.fixture
def world(template: Path, tmp_path: Path) -> World:
    shutil.copytree(template / "world", tmp_path / "world")
    shutil.copytree(template / "runs", tmp_path / "runs")
    return World(str(tmp_path / "world"), tmp_path / "runs")


@pytest.fixture
def forget(world: World, capsys: pytest.CaptureFixture[str]) -> Forget:
    """Run the program in this process; return its document, or its lines with json=False."""

    def told(*words: str, json_: bool = True) -> Any:
        command.main([*words, *world.flags, *(["--json"] if json_ else [])])
        out = capsys.readouterr().out
        return json.loads(out) if json_ else out

    return told


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment for those who hold a data set, not half a minute."""
    pace = lease.Pace(beat_s=0.05, expiry_s=5.0, patience_s=0.1)
    monkeypatch.setattr("codekiln.core.datasets.held.writer.__wrapped__.__defaults__", (pace,))
