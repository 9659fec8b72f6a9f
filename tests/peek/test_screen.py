import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from example_folders import built, example

from codekiln.peek.screen import Screen, visible

EVIL = (
    "\x1b]0;owned\x07\x1b[31mred \x9b1m \u202eltr \r over [bold]b[/bold] [link=x]y[/] :smile: \x00"
)
ALLOWED = {"\n", "\x1b"}


def written(
    text: str, *, width: int | None = None, has_colors: bool | None = None, is_whole: bool = False
) -> str:
    file = io.StringIO()
    screen = Screen(file, width=width, has_colors=has_colors, is_whole=is_whole)
    screen.line((text, "bold"), text)
    screen.heading("plan", text)
    screen.prose(text, "cyan")
    screen.code(f"func a() {{ // {text}\n}}", "green")
    return file.getvalue()


def test_nothing_in_a_text_acts_on_a_terminal() -> None:
    told = written(EVIL)
    assert {char for char in told if not char.isprintable()} == {"\n"}
    for sign in (r"\x1b]0;owned\x07", r"\x9b", r"\u202e", r"\r", "[bold]b[/bold]", ":smile:"):
        assert sign in told


def test_in_color_only_our_own_escapes_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    told = written(EVIL, width=60)
    assert "\x1b[1m" in told
    assert {char for char in told if not char.isprintable()} == ALLOWED
    assert "\x1b]" not in told
    assert "\x07" not in told


@pytest.mark.parametrize(("no_color", "has_colors"), [("", False), ("1", None)])
def test_colors_can_be_refused(
    monkeypatch: pytest.MonkeyPatch, no_color: str, has_colors: bool | None
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    assert "\x1b" not in written("a text", has_colors=has_colors)


@pytest.mark.parametrize("width", [1, 20, 40])
def test_on_a_narrow_terminal_no_line_is_wider(width: int) -> None:
    told = written("word " * 30 + "x" * 100, width=width)
    assert max(len(line) for line in told.split("\n")) <= max(width, 3)


def test_in_a_pipe_lines_stay_whole() -> None:
    assert "x" * 500 in written("x" * 500)


def test_long_texts_are_cut_and_say_so() -> None:
    assert "more characters; --full shows them" in written("line\n" * 500)
    assert "more characters" not in written("line\n" * 500, is_whole=True)


def test_a_giant_of_one_line_is_cut_too() -> None:
    assert len(written("y" * 1_000_000)) < 20_000


def test_tabs_are_spaces_and_letters_stay() -> None:
    assert visible("\tgrüße 日本 🙂") == "    grüße 日本 🙂"


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    folder = built(tmp_path, [example(n, code="x" * 5000) for n in range(100)])
    command = [sys.executable, "-m", "codekiln.peek", str(folder), "--limit", "100", "--full"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"100 examples in examples-00000.parquet\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
