import json
from pathlib import Path

import pytest
from histories import history, line, text

from codekiln.core import manifest, program
from codekiln.survey_history.__main__ import survey_history
from codekiln.survey_history.settings import Settings


def test_a_run_leaves_survey_and_manifest(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 3)
    out = tmp_path / "out"
    argv = ["--repository", str(made.path), "--survey", str(out), "--batch-size", "1"]
    argv += ["--seconds-per-step", "3"]
    program.run(survey_history, Settings, argv)
    told = json.loads((out / "survey.json").read_text())
    assert told["unique_commits"] == manifest.read(out).counts["commits"] == 3
    assert told["estimate"]["steps"] == 10
    assert told["estimate"]["minutes"] == 0.5
    assert told["branches"][0]["commits"] == 3


def test_the_manifest_names_the_state_of_the_repository(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 3)
    argv = ["--repository", str(made.path), "--survey"]
    for name in ("one", "two"):
        program.run(survey_history, Settings, [*argv, str(tmp_path / name)])
    made.ref("refs/heads/dev", text(made.path, "rev-parse", "main~1"))
    program.run(survey_history, Settings, [*argv, str(tmp_path / "three")])
    told = [manifest.read(tmp_path / n).inputs["repository"] for n in ("one", "two", "three")]
    assert told[0] == told[1] != told[2]


def test_a_repository_without_commits_ends_with_code_2(tmp_path: Path) -> None:
    history(tmp_path / "source.git")
    argv = ["--repository", str(tmp_path / "source.git"), "--survey", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as stop:
        program.run(survey_history, Settings, argv)
    assert stop.value.code == 2
