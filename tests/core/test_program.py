import errno
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from pydantic import Field

from codekiln.core import manifest, program
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.program import Done
from codekiln.core.settings import Input, Output, Section


class Settings(Section):
    """Bake."""

    dough: Input
    bread: Output
    loaves: int = Field(1, ge=1)


Settings.__module__ = "codekiln.bake.settings"


def bake(settings: Settings) -> Done:
    (settings.bread / "loaf").write_text("x" * settings.loaves)
    return Done(counts={"loaves": settings.loaves}, metrics={"heat": 200.0})


@pytest.fixture
def dough(tmp_path: Path) -> Path:
    folder = tmp_path / "dough"
    folder.mkdir()
    write_manifest(folder)
    return folder


def write_manifest(folder: Path) -> None:
    manifest.write(
        folder,
        manifest.Manifest(
            phase="mix", version="1", started="", seconds=0, settings={}, settings_digest="",
            inputs={}, counts={}, metrics={}, files={}, digest="abc",
        ),
    )  # fmt: skip


def run(dough: Path, bread: Path, *more: str) -> None:
    program.run(bake, Settings, ["--dough", str(dough), "--bread", str(bread), *more])


def test_a_finished_phase_leaves_a_manifest(dough: Path, tmp_path: Path) -> None:
    run(dough, tmp_path / "bread", "--loaves", "3")
    made = manifest.read(tmp_path / "bread")
    assert (made.phase, made.counts, made.files) == ("bake", {"loaves": 3}, {"loaf": 3})
    assert made.inputs == {"dough": "abc"}


def test_same_settings_and_content_give_the_same_digests(dough: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(dough, tmp_path / name)
    one, two = manifest.read(tmp_path / "one"), manifest.read(tmp_path / "two")
    assert (one.digest, one.settings_digest) == (two.digest, two.settings_digest)


def test_metrics_reach_the_executor_output(dough: Path, tmp_path: Path) -> None:
    artifact = {"name": "m", "type": {"schemaTitle": "system.Metrics"}, "uri": "u"}
    executor_input = {
        "outputs": {
            "artifacts": {"metrics": {"artifacts": [artifact]}},
            "outputFile": str(tmp_path / "task" / "executor_output.json"),
        }
    }
    run(dough, tmp_path / "bread", "--executor-input", json.dumps(executor_input))
    told = json.loads((tmp_path / "task" / "executor_output.json").read_text())
    assert told["artifacts"]["metrics"]["artifacts"][0]["metadata"] == {"heat": 200.0}


def test_an_input_without_manifest_ends_with_code_2(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(SystemExit) as stop:
        run(tmp_path / "raw", tmp_path / "bread")
    assert stop.value.code == 2


@pytest.mark.parametrize(("error", "code"), [(InputError("no"), 2), (ServiceError("later"), 75)])
def test_an_error_ends_with_its_code_one_line_and_a_record(
    dough: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    error: InputError | ServiceError,
    code: int,
) -> None:
    def burn(settings: Settings) -> Done:
        (settings.bread / "half").write_text("")
        raise error

    executor_input = {"outputs": {"outputFile": str(tmp_path / "task" / "out.json")}}
    with pytest.raises(SystemExit) as stop:
        program.run(
            burn,
            Settings,
            ["--dough", str(dough), "--bread", str(tmp_path / "bread"),
             "--executor-input", json.dumps(executor_input)],
        )  # fmt: skip
    assert stop.value.code == code
    assert "Traceback" not in capsys.readouterr().err
    record = json.loads((tmp_path / "task" / "failure.json").read_text())
    assert (record["phase"], record["error"], record["exit_code"]) == ("bake", str(error), code)
    assert str(error) in record["log"][-1]
    assert not (tmp_path / "bread" / manifest.NAME).exists()


def test_a_defect_leaves_a_record_and_its_traceback(dough: Path, tmp_path: Path) -> None:
    def stumble(settings: Settings) -> Done:
        raise ZeroDivisionError(settings.loaves)

    told = json.dumps({"outputs": {"outputFile": str(tmp_path / "task" / "out.json")}})
    argv = ["--dough", str(dough), "--bread", str(tmp_path / "b"), "--executor-input", told]
    with pytest.raises(ZeroDivisionError):
        program.run(stumble, Settings, argv)
    record = json.loads((tmp_path / "task" / "failure.json").read_text())
    assert (record["error"], record["exit_code"]) == ("ZeroDivisionError: 1", 1)


def test_a_failure_tells_how_long_it_worked_and_what_it_was_told(
    dough: Path, tmp_path: Path
) -> None:
    run(dough, tmp_path / "whole")

    def burn(settings: Settings) -> Done:
        time.sleep(0.02)
        raise InputError(f"{settings.bread} burnt")

    told = json.dumps({"outputs": {"outputFile": str(tmp_path / "task" / "out.json")}})
    argv = ["--dough", str(dough), "--bread", str(tmp_path / "b"), "--executor-input", told]
    with pytest.raises(SystemExit):
        program.run(burn, Settings, argv)
    record = json.loads((tmp_path / "task" / "failure.json").read_text())
    assert 0.02 <= record["seconds"] < 60
    assert record["settings"]["dough"] == str(dough)
    assert record["settings_digest"] == manifest.read(tmp_path / "whole").settings_digest


def test_a_phase_that_fails_leaves_no_older_manifest(dough: Path, tmp_path: Path) -> None:
    run(dough, tmp_path / "bread")

    def burn(settings: Settings) -> Done:
        raise InputError(f"{settings.bread} burnt")

    with pytest.raises(SystemExit):
        program.run(burn, Settings, ["--dough", str(dough), "--bread", str(tmp_path / "bread")])
    with pytest.raises(InputError, match="has not finished"):
        manifest.read(tmp_path / "bread")


def test_an_output_that_is_a_file_is_one_line(dough: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stop:
        run(dough, tmp_path / "file")
    assert stop.value.code == 2


def test_a_full_disk_is_one_line_and_code_2(dough: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fill(settings: Settings) -> Done:
        with Path("/dev/full").open("w") as full:
            full.write("x" * settings.loaves * 1_000_000)
        return Done()

    with pytest.raises(SystemExit) as stop:
        program.run(fill, Settings, ["--dough", str(dough), "--bread", str(dough.parent / "bread")])
    assert stop.value.code == 2
    assert not (dough.parent / "bread" / manifest.NAME).exists()
    del caplog


def test_importing_the_door_loads_nothing_heavy() -> None:
    probe = "import sys, codekiln.core.program; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "kfp", "transformers", "numpy", "pyarrow"} & set(loaded)


def test_a_full_disk_is_told_with_the_places_that_were_written(
    dough: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def burn(_: Settings) -> Done:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(SystemExit) as ended:
        program.run(burn, Settings, ["--dough", str(dough), "--bread", str(tmp_path / "bread")])
    assert ended.value.code == 2
    said = f"no space left on the device for {tmp_path / 'bread'} or scratch ({tmp_path});"
    assert said in capsys.readouterr().err
