import contextlib
import json
import logging
import os
import pty
import sys

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


def test_before_anything_is_done_no_time_is_foretold(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("CODEKILN_RUNNER", raising=False)
    with caplog.at_level(logging.INFO), progress.track("mine", 4, "commits") as report:
        report(0, "begun")
        report(4, "")
    assert caplog.messages[0] == "mine: 0 of 4 commits (0 %) begun"
    assert "0 s left" in caplog.messages[1]


def test_in_a_terminal_progress_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEKILN_RUNNER", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.track("mine", 4, "commits") as report:
            report(3, "nearly")
    shown = b""
    with contextlib.suppress(OSError):  # what Linux says at the end of a terminal
        while more := os.read(ours, 1 << 16):
            shown += more
    os.close(ours)
    assert b"mine" in shown
    assert b"3/4" in shown
