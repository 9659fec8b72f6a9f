"""Problems of benchmarks as they turn up in the wild: copied, edited, translated, in parts."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from codekiln.clean_corpus import lexing
from codekiln.clean_corpus.benchmarks import Problem

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "benchmarks"
"""Real benchmarks, beside the checkout."""

NAME = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]*\b")
KEPT = {name.decode() for name in lexing.KEPT_NAMES}


def real() -> Path:
    """Return the folder of real benchmarks, or skip the test."""
    if not FOLDER.is_dir():
        pytest.skip(f"needs the benchmarks in {FOLDER}")
    return FOLDER


def whole(problem: Problem) -> str:
    """Return statement and solution as they stand."""
    return f"{problem.statement}\n{problem.solution}"


def with_tests(problem: Problem) -> str:
    """Return everything."""
    return f"{whole(problem)}\n{problem.tests}"


def reindented(problem: Problem) -> str:
    """Return it with other white space and line ends."""
    lines = whole(problem).split("\n")
    return "\r\n".join("\t\t" + line.strip().replace(", ", ",") + "  " for line in lines)


def commented(problem: Problem) -> str:
    """Return it with a remark after each third line of code."""
    lines = problem.solution.split("\n")
    marked = [f"{line} // step {n}" if n % 3 == 0 else line for n, line in enumerate(lines)]
    return problem.statement + "\n" + "\n".join(marked)


def renamed(problem: Problem) -> str:
    """Return the solution alone, each name of its author's another one."""
    names: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in KEPT or word[0].isupper():
            return word if not word.startswith(("Has", "Get")) else "Do" + word[3:]
        return names.setdefault(word, f"v{chr(97 + len(names) % 26)}{len(names)}")

    code = re.sub(r"//[^\n]*", "", problem.solution)
    return NAME.sub(other, code)


def renamed_and_commented(problem: Problem) -> str:
    """Return the solution with other names and new remarks between its lines."""
    lines = renamed(problem).split("\n")
    return "\n".join(
        f"{line}\n\t// next, part {n}" if n % 4 == 1 else line for n, line in enumerate(lines)
    )


def translated(problem: Problem) -> str:
    """Return it with its statement in words of another language; numbers and code stay."""
    words = re.compile(r"[A-Za-z]{2,}")
    other = words.sub(lambda word: word[0][::-1].lower() + "en", problem.statement)
    return f"{other}\n{problem.solution}\n{problem.tests}"


def half(problem: Problem) -> str:
    """Return the first half of the statement and of the solution."""
    statement, solution = problem.statement, problem.solution
    return statement[: len(statement) // 2] + "\n" + solution[: len(solution) // 2]


def statement(problem: Problem) -> str:
    """Return the statement alone."""
    return problem.statement


def solution(problem: Problem) -> str:
    """Return the solution alone."""
    return problem.solution


EDITS: Mapping[str, Callable[[Problem], str]] = {
    edit.__name__: edit
    for edit in (
        whole, with_tests, reindented, commented, statement, solution, renamed,
        renamed_and_commented, translated, half,
    )
}  # fmt: skip
