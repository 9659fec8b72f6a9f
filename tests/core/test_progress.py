import json
import logging

import pytest

from codekiln.core import progress


def test_under_the_local_runner_progress_is_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CODEKILN_RUNNER", "local")
    with progress.track("mine", 10, "commits") as report:
        report(1, "")
        report(2, "too soon to be shown")
        report(10, "done")
    lines = capsys.readouterr().err.splitlines()
    told = [json.loads(line.removeprefix(progress.MARK)) for line in lines]
    assert [record["done"] for record in told] == [1, 10]
    assert told[1] == {"label": "mine", "done": 10, "total": 10, "unit": "commits", "note": "done"}


def test_in_a_pod_progress_is_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("CODEKILN_RUNNER", raising=False)
    with caplog.at_level(logging.INFO), progress.track("mine", 4, "commits") as report:
        report(1, "")
        report(2, "")
        report(4, "")
    assert len(caplog.messages) == 2
    assert caplog.messages[1].startswith("mine: 4 of 4 commits (100 %)")
