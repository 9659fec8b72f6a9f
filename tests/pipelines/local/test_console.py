import io
import json
from pathlib import Path

import pytest
from builders import finish
from rich.console import Console

from codekiln.core import progress
from codekiln.core.manifest import write_json
from codekiln_pipelines.local.console import RunConsole, in_time
from codekiln_pipelines.local.step import Result, Step


def spoken(tmp_path: Path) -> tuple[RunConsole, io.StringIO, Step]:
    out = io.StringIO()
    console = RunConsole(Console(file=out, width=200, soft_wrap=True), verbose=True)
    folder = tmp_path / "mine-commits"
    (folder / "commits").mkdir(parents=True)
    outputs = {"artifacts": {"commits": {"artifacts": [{"uri": str(folder / "commits")}]}}}
    step = Step(
        phase="mine_commits", folder=folder, command=[], executor_input={"outputs": outputs}
    )
    return console, out, step


def result(exit_code: int) -> Result:
    return Result(
        digest="", outputs=[], exit_code=exit_code, seconds=187.2,
        cpu_seconds=None, max_rss_mib=None, image="",
    )  # fmt: skip


def test_a_finished_step_is_one_line_with_its_counts(tmp_path: Path) -> None:
    console, out, step = spoken(tmp_path)
    finish(step.folder / "commits", "mine_commits", {"commits": 6489, "diffs_capped": 3})
    console.done(step, result(0))
    assert " ".join(out.getvalue().split()) == "✓ mine_commits 3:07 6,489 commits, 3 diffs capped"


def test_a_failed_step_names_its_reason_and_its_log(tmp_path: Path) -> None:
    console, out, step = spoken(tmp_path)
    write_json(step.folder / "failure.json", {"error": "[red] is no repository"})
    console.failed(step, result(2))
    assert "failed with exit code 2" in out.getvalue()
    assert "[red] is no repository" in out.getvalue()
    assert str(step.log) in out.getvalue()


def test_a_defect_asks_for_a_report(tmp_path: Path) -> None:
    console, out, step = spoken(tmp_path)
    step.log.write_text("Traceback (most recent call last):\nValueError: x\n")
    console.failed(step, result(1))
    assert "please report it" in out.getvalue()


def test_without_a_terminal_a_long_step_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console, out, step = spoken(tmp_path)
    monkeypatch.setattr("codekiln_pipelines.local.console.NOTE_EVERY_S", 0.0)
    told = '{"label": "train", "done": 3, "total": 9, "unit": "steps", "note": "loss 2.5"}'
    with console.step(step) as listen:
        listen(progress.MARK + told)
    assert "3 of 9 steps loss 2.5" in out.getvalue()


def test_records_of_progress_are_not_shown_as_lines(tmp_path: Path) -> None:
    console, out, step = spoken(tmp_path)
    with console.step(step) as listen:
        listen(progress.MARK + "not looked at so soon")
        listen("a line")
    assert "a line" in out.getvalue()
    assert progress.MARK not in out.getvalue()


ESCAPES = "\x1b]0;title\x07\x1b[2J[/] \u202e"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_nothing_that_a_step_says_or_counts_acts_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    _, out, step = spoken(tmp_path)
    drawn = Console(file=out, width=200, force_terminal=is_terminal, color_system=None)
    console = RunConsole(drawn, verbose=True)
    monkeypatch.setattr("codekiln_pipelines.local.console.NOTE_EVERY_S", 0.0)
    told = {"label": "train", "done": 3, "total": 9, "unit": ESCAPES, "note": ESCAPES}
    finish(step.folder / "commits", "mine_commits", {ESCAPES: 1})
    write_json(step.folder / "failure.json", {"error": ESCAPES})
    console.begin("history", tmp_path, {"repository": ESCAPES})
    with console.step(step) as listen:
        listen(progress.MARK + json.dumps(told))
        listen(ESCAPES)
    for say in (console.done, console.failed):
        say(step, result(0))
    console.interrupted(step)
    assert not any(mark in out.getvalue() for mark in ("\x1b]", "\x07", "\x1b[2J", "\u202e"))
    assert out.getvalue().count(r"\x1b]0;title\x07\x1b[2J[/]") >= 5


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.84, "0.8 s"), (42.4, "42 s"), (187, "3:07"), (7387, "2:03:07")]
)
def test_times_read_as_a_person_says_them(seconds: float, told: str) -> None:
    assert in_time(seconds) == told


def test_steps_that_work_at_the_same_time_have_a_bar_each() -> None:
    out = io.StringIO()
    console = RunConsole(Console(file=out, width=200, force_terminal=True))
    first, second = (
        Step(
            phase="collect_pulls",
            folder=Path(f"/r/steps/collect-pulls.{turn}"),
            command=[],
            executor_input={},
        )
        for turn in range(2)
    )
    record = progress.MARK + '{"done": 3, "total": 9, "unit": "pulls", "note": "fine"}'
    with console.step(first) as hear_first:
        with console.step(second) as hear_second:
            hear_first(record)
            hear_second(record)
        hear_first(record)
    said = out.getvalue()
    assert "collect_pulls.0" in said
    assert "collect_pulls.1" in said
    with console.step(first) as again:
        again(record)
