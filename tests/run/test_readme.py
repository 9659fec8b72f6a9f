"""What the README tells a newcomer to type, typed."""

import itertools
import re
from pathlib import Path

import pytest

from codekiln_pipelines import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


def test_the_readme_tells_the_two_commands() -> None:
    assert {"make demo", "make test"} <= set(commands())


def test_the_build_runs_the_test_command_of_the_readme() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "make test" in lines
    assert any(line.startswith("RECIPE=smoke make demo ") for line in lines)


def test_every_make_target_of_the_readme_is_there() -> None:
    told = {command.split()[1] for command in commands() if command.startswith("make ")}
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert told <= known


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("codekiln")])
def test_every_codekiln_command_of_the_readme_is_understood(
    command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each flag and command must be known; with --help nothing runs."""
    words = command.split()
    flags = [word for word in words if word.startswith("--")]
    asked = itertools.takewhile(lambda word: not word.startswith(("-", '"')), words[1:])
    with pytest.raises(SystemExit) as ended:
        cli.main([*asked, "--help"])
    assert ended.value.code == 0
    told = capfd.readouterr().out
    assert all(flag in told for flag in flags)
