"""A log tells what others wrote, and does not do what they wrote."""

import logging
from collections.abc import Iterator

import pytest

from codekiln.core import log

CLEAR = "\x1b[2J\x1b]0;owned\x07"


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """Give the root logger its handlers and its level back."""
    one = logging.getLogger()
    handlers, level = one.handlers[:], one.level
    yield
    one.handlers[:] = handlers
    one.setLevel(level)


def test_what_would_act_on_a_terminal_stands_as_an_escape(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.set_up({})
    logging.getLogger("codekiln").warning("the branch %s\nis gone", CLEAR)
    said = capsys.readouterr().err
    assert said.endswith(r" WARNING the branch \x1b[2J\x1b]0;owned\x07\nis gone" + "\n")
    assert log.tail() == [said.rstrip("\n")]


def fail() -> None:
    raise ValueError(CLEAR)


def test_a_traceback_keeps_its_lines_and_no_controls(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up({})
    try:
        fail()
    except ValueError:
        logging.getLogger("codekiln").exception("it failed")
    said = capsys.readouterr().err.splitlines()
    assert said[1] == "Traceback (most recent call last):"
    assert said[-1] == r"ValueError: \x1b[2J\x1b]0;owned\x07"


def test_the_level_is_the_one_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up({"logging": {"level": "error"}})
    logging.getLogger("codekiln").warning("not this")
    assert capsys.readouterr().err == ""
