"""The report: a line a check for people, one JSON document for machines."""

import json
from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from codekiln_pipelines.doctor.finding import Finding, Line, State

COLORS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red", State.SKIP: "dim"}
WIDEST = 24
"""Columns of the longest name of a check."""
HIDDEN = "***"


def told(lines: Iterable[Line], secrets: Sequence[str], out: IO[str]) -> list[Line]:
    """Write `lines` for people as they come, then a summary; returns them."""
    console = Console(file=out, highlight=False, soft_wrap=True)
    kept = []
    for line in lines:
        kept.append(line := clean(line, secrets))
        _print(console, line)
    console.print(f"{summary(kept)}", style="bold")
    return kept


def _print(console: Console, line: Line) -> None:
    state = line.finding.state
    text = Text.assemble(
        (f"{state:<4}", COLORS[state]), f"  {line.check:<{WIDEST}}  {line.finding.found}"
    )
    console.print(text)
    if line.finding.remedy:
        console.print(Text(f"{'':6}{'':{WIDEST}}  -> {line.finding.remedy}"))


def as_json(lines: Iterable[Line], secrets: Sequence[str], out: IO[str]) -> list[Line]:
    """Write one document: `checks`, each of check, state, found and remedy, and `summary`."""
    kept = [clean(line, secrets) for line in lines]
    checks = [
        {
            "check": line.check,
            "state": str(line.finding.state),
            "found": line.finding.found,
            "remedy": line.finding.remedy,
        }
        for line in kept
    ]
    document = {"checks": checks, "summary": {str(s): n for s, n in counts(kept).items()}}
    out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return kept


def counts(lines: Sequence[Line]) -> dict[State, int]:
    """Return how many lines there are of each state."""
    return {state: sum(line.finding.state is state for line in lines) for state in State}


def summary(lines: Sequence[Line]) -> str:
    """Return the counts in words."""
    number = counts(lines)
    told = [f"{number[State.OK]} ok", f"{number[State.WARN]} warn", f"{number[State.FAIL]} fail"]
    if number[State.SKIP]:
        told.append(f"{number[State.SKIP]} skip")
    return ", ".join(told)


def clean(line: Line, secrets: Sequence[str]) -> Line:
    """Return `line` with no secret and no control character in it, whoever wrote its words."""
    finding = line.finding
    return Line(
        line.check,
        Finding(finding.state, _clean(finding.found, secrets), _clean(finding.remedy, secrets)),
    )


def _clean(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return "".join(c if c.isprintable() else " " for c in text)
