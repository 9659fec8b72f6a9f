"""What the README tells a newcomer to type, typed."""

import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path

import histories
import pytest

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
    assert "make demo" in lines


def test_every_make_target_of_the_readme_is_there() -> None:
    told = {command.split()[1] for command in commands() if command.startswith("make ")}
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert told <= known


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("codekiln")])
def test_every_codekiln_command_of_the_readme_is_understood(command: str) -> None:
    """Each flag and command must be known; with --help nothing runs."""
    words = command.split()
    flags = [word for word in words if word.startswith("--")]
    asked = itertools.takewhile(lambda word: not word.startswith(("-", '"')), words[1:])
    told = subprocess.run(
        [ROOT / ".venv" / "bin" / "codekiln", *asked, "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(flag in told for flag in flags)


def test_make_demo_ends_by_saying_where_the_report_is(tmp_path: Path) -> None:
    """The whole recipe of the Makefile, in a checkout of its own, with this machine's .venv."""
    repository = histories.line(tmp_path / "r.git", 12).path
    (tmp_path / "checkout").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path / "checkout")
    for name in ("pyproject.toml", "constraints.txt", ".venv"):
        (tmp_path / "checkout" / name).symlink_to(ROOT / name)
    ended = subprocess.run(
        ["make", "--old-file=.venv/.ready", "demo", f"REPO={repository}", "RECIPE=smoke"],
        cwd=tmp_path / "checkout", capture_output=True, text=True, check=False,
        env={**os.environ, "HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    reports = re.findall(r"report\.html +(\S+)", ended.stderr)
    assert Path(reports[-1]).is_file()
